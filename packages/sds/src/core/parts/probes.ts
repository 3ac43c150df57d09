import type { ProbesRecord } from '../store/records.ts'

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
  /** The last message sent so; and whether nothing has left since one did not. */
  #last: string | undefined
  #isCutOff = false
  /** Probes that leave whoever is to blame. */
  #free = 0
  readonly #freeForOne: number

  /** @param freeForOne How many leave for an own message, without anybody else's saying that he lacks it. */
  constructor(freeForOne: number) {
    this.#freeForOne = freeForOne
  }

  /** The record that is stored, with times of the participant's life. */
  record(toLife: (at: number) => number): ProbesRecord {
    return {
      count: this.#count,
      unanswered: this.#unanswered,
      outSince: this.#isOut ? toLife(this.#lastAt) : undefined,
    }
  }

  /** It goes on where an earlier process was. @param at When a time of the participant's life was. */
  goOn({ count, unanswered, outSince }: ProbesRecord, at: (lived: number) => number): void {
    this.#count = count
    this.#unanswered = unanswered
    if (outSince === undefined) return
    this.#isOut = true
    this.#lastAt = at(outSince)
  }

  get count(): number {
    return this.#count
  }

  /** When the last left. */
  get lastAt(): number {
    return this.#lastAt
  }

  /**
   * Waits in a row that were in vain, as an exponent. One tells little, since it or its answer may be lost: it counts half,
   * which leaves time for an answer that is said three times.
   */
  get backoff(): number {
    return this.#unanswered === 1 ? 0.5 : Math.min(this.#unanswered, MOST_BACKOFF)
  }

  /** The wait of a message that left at that time starts then, or when the probe left whose answer is awaited. */
  since(dispatchedAt: number): number {
    return this.#isOut ? Math.max(dispatchedAt, this.#lastAt) : dispatchedAt
  }

  /** An own message was sent for the first time, or somebody has acknowledged one: for that, probes may leave. */
  allow(): void {
    this.#free = this.#freeForOne
  }

  /** Takes one of those that may leave; returns whether there was one. What leaves beyond them, others have caused. */
  takeFree(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** A message is sent for that. */
  leave(messageId: string, now: number): void {
    this.#last = messageId
    this.#count++
    this.#unanswered++
    this.#lastAt = now
    this.#isOut = true
  }

  /** A message did not leave: if it was a probe, it was none, but the next waits longer all the same. */
  didNotLeave(messageId: string): void {
    this.cutOff()
    if (this.#last !== messageId) return
    this.#last = undefined
    this.#count--
  }

  /** Something did not leave. */
  cutOff(): void {
    this.#isCutOff = true
  }

  /** Something has left. Returns whether nothing did before: waits are short again. */
  connected(): boolean {
    if (!this.#isCutOff) return false
    this.#isCutOff = false
    this.answered()
    return true
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
