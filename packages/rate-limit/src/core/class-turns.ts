import { CLASSES, type PriorityClass } from './fields.ts'
import { releasesUntil } from './releases-until.ts'

/** Every how many releases the waiting lower classes have a turn. */
const LOWER_TURN = 8

/** The order between classes: strict priority, except that every 8th release serves the waiting lower classes in turn. */
export class ClassTurns {
  /** Waiting frames by class. */
  readonly counts: [number, number, number] = [0, 0, 0]
  #served = 0
  #lowerDue = false
  #lastLower: PriorityClass = 2

  /** One frame more has left. */
  released(): void {
    if (++this.#served % LOWER_TURN === LOWER_TURN - 1) this.#lowerDue = true
  }

  /** Asks the waiting classes in the order of their turns, until one has a frame that may leave. */
  next<T>(ask: (priority: PriorityClass) => T | undefined): T | undefined {
    if (this.#lowerDue) {
      this.#lowerDue = false
      for (const priority of this.#lowerInTurn()) {
        const item = ask(priority)
        if (item === undefined) continue
        this.#lastLower = priority
        return item
      }
    }
    for (const priority of CLASSES) {
      const item = this.counts[priority] === 0 ? undefined : ask(priority)
      if (item !== undefined) return item
    }
    return undefined
  }

  /** In how many releases the first `target` frames of a class have left, if nothing else came. */
  releasesUntil(priority: PriorityClass, target: number): number {
    const untilLower = LOWER_TURN - 1 - (this.#served % LOWER_TURN)
    return releasesUntil(priority, target, this.counts, untilLower, this.#lastLower)
  }

  /** The waiting classes below the highest that waits, the one whose turn it is first. */
  #lowerInTurn(): PriorityClass[] {
    const lower = CLASSES.filter((priority) => this.counts[priority] > 0).slice(1)
    return lower[0] === this.#lastLower ? lower.toReversed() : lower
  }
}
