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

  /** The one that leaves next. */
  get first(): F | undefined {
    return this.#frames[this.#first]
  }

  push(frame: F): void {
    let at = this.#frames.length
    while (at > this.#first && isMoreUrgent(frame, this.#frames[at - 1]!)) at--
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

/** Whether one leaves before another that came first. */
export const isMoreUrgent = (one: Prioritised, other: Prioritised): boolean => rankOf(one) < rankOf(other)

const rankOf = ({ priority }: Prioritised): number =>
  priority === 'critical' ? 0 : priority === 'optional' ? 2 : 1
