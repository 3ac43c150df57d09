import { SparseMap } from '@reliable-channels/stage/core'
import { type SchedulerLike, Subscription } from 'rxjs'

/** Options of {@link Deadlines}. */
export interface DeadlinesOptions<T> {
  /** How long each may take, ms. */
  readonly limitMs: number
  readonly scheduler: SchedulerLike
  /** One has taken as long. */
  readonly passed: (item: T) => void
}

/** As a rule nothing takes as long: so soon it is looked whether anything does, ms. */
const SOON_MS = 1_000

/**
 * Things that may all take equally long, by one timer.
 *
 * Most are over soon: the first timer is short, and finds as a rule that nothing is left, which is cheaper than to start
 * and to call off one for each.
 */
export class Deadlines<T> {
  readonly #options: DeadlinesOptions<T>
  /** When each has taken too long; the earliest first, since what is armed anew goes to the end. */
  readonly #dueAt = new SparseMap<T, number>()
  #timer = Subscription.EMPTY
  #armedAt = 0
  #isLong = false

  constructor(options: DeadlinesOptions<T>) {
    this.#options = options
  }

  /** Its time begins, anew if it had begun. */
  arm(item: T): void {
    const { limitMs, scheduler } = this.#options
    this.#dueAt.delete(item)
    this.#dueAt.set(item, scheduler.now() + limitMs)
    if (this.#timer.closed) this.#start(Math.min(limitMs, SOON_MS))
  }

  /** It is over. A timer with nothing to do would keep a process alive for long. */
  disarm(item: T): void {
    if (this.#dueAt.delete(item) && this.#isLong && this.#dueAt.size === 0) this.#timer.unsubscribe()
  }

  /** Nothing passes any more. Returns what is not over. */
  close(): Iterable<T> {
    this.#timer.unsubscribe()
    return this.#dueAt.keys()
  }

  #start(delayMs: number): void {
    const { scheduler } = this.#options
    this.#armedAt = scheduler.now()
    this.#isLong = delayMs > SOON_MS
    this.#timer = scheduler.schedule(() => this.#look(), delayMs)
  }

  #look(): void {
    const { limitMs, scheduler, passed } = this.#options
    const now = scheduler.now()
    // Where the clock was set back, nobody knows how long each has taken.
    if (now < this.#armedAt) for (const item of this.#dueAt.keys()) this.#dueAt.set(item, now + limitMs)
    this.#timer.unsubscribe()
    for (const [item, dueAt] of this.#dueAt) {
      if (dueAt > now) break
      this.#dueAt.delete(item)
      passed(item)
    }
    const [next] = this.#dueAt.values()
    if (next !== undefined && this.#timer.closed) this.#start(next - now)
  }
}
