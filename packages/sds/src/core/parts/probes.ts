/** Waits no longer than so many times the first, as an exponent of the back-off. */
const MOST_BACKOFF = 12

/**
 * Messages that are sent again because nothing was heard, one at a time: one answer shows what is lost of all the others.
 * RFC 9002, "Probe Timeout".
 */
export class Probes {
  /** Probes so far, and those in a row that nobody answered. */
  #count = 0
  #unanswered = 0
  /** When the last left, and whether its answer is awaited. */
  #lastAt = -Infinity
  #isOut = false

  get count(): number {
    return this.#count
  }

  /** When the last left. */
  get lastAt(): number {
    return this.#lastAt
  }

  /** Waits in a row that were in vain, as an exponent. */
  get backoff(): number {
    return Math.min(this.#unanswered, MOST_BACKOFF)
  }

  /** The wait of a message that left at that time starts then, or when the probe left whose answer is awaited. */
  since(dispatchedAt: number): number {
    return this.#isOut ? Math.max(dispatchedAt, this.#lastAt) : dispatchedAt
  }

  /** One leaves. */
  leave(now: number): void {
    this.#count++
    this.#unanswered++
    this.#lastAt = now
    this.#isOut = true
  }

  /** Somebody has shown what he has, or lacks. */
  answered(): void {
    this.#unanswered = 0
    this.#isOut = false
  }

  /** The clock was moved. */
  shift(ms: number): void {
    this.#lastAt += ms
  }
}
