import type { OutgoingFrame } from './frames.ts'

/** A frame, as far as its place among others is concerned. */
export type Prioritised = Pick<OutgoingFrame, 'priority'>

/** Frames that wait. The more urgent leave first, those that are equally urgent in the order in which they came. */
export class WaitingLine<F extends Prioritised> {
  readonly #frames: F[] = []
  /** Those that left are cut off in bulk: each for itself would move all that wait. */
  #first = 0

  get size(): number {
    return this.#frames.length - this.#first
  }

  push(frame: F): void {
    const rank = rankOf(frame)
    let at = this.#frames.length
    while (at > this.#first && rankOf(this.#frames[at - 1]!) > rank) at--
    if (at === this.#frames.length) this.#frames.push(frame)
    else this.#frames.splice(at, 0, frame)
  }

  shift(): F | undefined {
    if (this.size === 0) return undefined
    const frame = this.#frames[this.#first++]!
    if (this.#first * 2 >= this.#frames.length) {
      this.#frames.splice(0, this.#first)
      this.#first = 0
    }
    return frame
  }
}

const rankOf = ({ priority }: Prioritised): number =>
  priority === 'critical' ? 0 : priority === 'optional' ? 2 : 1
