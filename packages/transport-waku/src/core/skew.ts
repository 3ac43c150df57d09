/** Live messages that the estimate rests on. */
const SAMPLES = 9
const NEEDED = 3

/**
 * Estimates how far the clocks of others are from the own one, by the timestamps of messages that have just arrived.
 * The median of the latest few: one sender with a wrong clock among several does not move it.
 */
export class SkewEstimate {
  readonly #offsetsMs: number[] = []

  /** A message of somebody else, stamped `timestampMs`, has just arrived. */
  add(timestampMs: number, nowMs: number): void {
    this.#offsetsMs.push(timestampMs - nowMs)
    if (this.#offsetsMs.length > SAMPLES) this.#offsetsMs.shift()
  }

  /** Whether the others are ahead or behind by more than `ms`. */
  isBeyond(ms: number): boolean {
    const { length } = this.#offsetsMs
    if (length < NEEDED) return false
    let ahead = 0
    let behind = 0
    for (const offsetMs of this.#offsetsMs) {
      if (offsetMs > ms) ahead++
      else if (offsetMs < -ms) behind++
    }
    // The median is the one with `length >> 1` before it.
    return behind > length >> 1 || ahead >= length - (length >> 1)
  }

  /** By how much the others are ahead (above 0) or behind, ms; `undefined` until a few messages have come. */
  get offsetMs(): number | undefined {
    if (this.#offsetsMs.length < NEEDED) return undefined
    return this.#offsetsMs.toSorted((a, b) => a - b)[this.#offsetsMs.length >> 1]
  }
}
