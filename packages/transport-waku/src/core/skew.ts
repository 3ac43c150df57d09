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

  /** By how much the others are ahead (above 0) or behind, ms; `undefined` until a few messages have come. */
  get offsetMs(): number | undefined {
    if (this.#offsetsMs.length < NEEDED) return undefined
    return this.#offsetsMs.toSorted((a, b) => a - b)[this.#offsetsMs.length >> 1]
  }
}
