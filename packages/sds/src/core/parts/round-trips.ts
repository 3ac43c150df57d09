import { QueueMap } from './queue-map.ts'

/** Before anything was measured, ms: when a copy is sent again, and how old one must be for its absence to tell. */
const FIRST_TIMEOUT_MS = 1_000
const FIRST_WINDOW_MS = 350
const SHORTEST_TIMEOUT_MS = 500
/** The first few measured may be long for the loss of an acknowledgement: the window is no longer than this till then, ms. */
const UNSURE_WINDOW_MS = 500
const ENOUGH = 4
/** Members whose round trips are remembered. */
const MOST_MEMBERS = 64

/**
 * How long it takes from the making of a message until somebody is heard who has it. Smoothed over all members, since the
 * first of them who acknowledges will do (RFC 6298); and the least of each, since what he lacks later than that is lost
 * (RFC 9002).
 */
export class RoundTrips {
  readonly #ackDelayMs: number
  readonly #members = new QueueMap<string, { readonly leastMs: number; readonly count: number }>(MOST_MEMBERS)
  #smoothedMs: number | undefined
  #variationMs = 0

  /** @param ackDelayMs How long members wait at least before they acknowledge. */
  constructor(ackDelayMs: number) {
    this.#ackDelayMs = ackDelayMs
  }

  /** It took a member so long. */
  measured(memberId: string, ms: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = ms
      this.#variationMs = ms / 4
    } else {
      this.#variationMs += (Math.abs(this.#smoothedMs - ms) - this.#variationMs) / 4
      this.#smoothedMs += (ms - this.#smoothedMs) / 8
    }
    const { leastMs = Infinity, count = 0 } = this.#members.get(memberId) ?? {}
    const wayMs = Math.max(0, ms - this.#ackDelayMs)
    // The least rises again, slowly: ways change.
    const least = wayMs < leastMs ? wayMs : leastMs + (wayMs - leastMs) / 16
    this.#members.put(memberId, { leastMs: least, count: count + 1 })
  }

  /** An acknowledgement that takes longer is not on its way. */
  get timeoutMs(): number {
    if (this.#smoothedMs === undefined) return FIRST_TIMEOUT_MS
    return Math.max(SHORTEST_TIMEOUT_MS, this.#smoothedMs + Math.max(4 * this.#variationMs, 100))
  }

  /** A copy that was made so long before a member is heard would be known to him. */
  windowMs(memberId: string): number {
    const member = this.#members.get(memberId)
    if (member === undefined) return FIRST_WINDOW_MS
    const windowMs = 1.25 * member.leastMs + 100
    return member.count < ENOUGH ? Math.min(windowMs, UNSURE_WINDOW_MS) : windowMs
  }
}
