const NS_PER_MS = 1_000_000

/** Largest step back of the clock that stamps make up for, ns. After a larger one the clock counts as having been wrong before. */
const SET_BACK_NS = 1_000_000_000n

/**
 * Stamps messages: nanoseconds since 1970, random below the millisecond, and strictly increasing, unless the clock is set
 * back: nobody keeps messages from the future.
 *
 * A message without a timestamp is stamped by `@waku/sdk` anew for each service node, so that one message becomes
 * several; and `@waku/sdk` itself stamps milliseconds, so that equal payloads of one millisecond become one message.
 */
export class Stamper {
  #last = 0n

  /** The stamp for a message made at `nowMs`; `random` in [0, 1). */
  next(nowMs: number, random: number): bigint {
    const stamp = toNs(nowMs) + BigInt(Math.floor(random * NS_PER_MS))
    const isInOrder = stamp > this.#last || stamp < this.#last - SET_BACK_NS
    this.#last = isInOrder ? stamp : this.#last + 1n
    return this.#last
  }
}

/** Milliseconds, whole or not, as nanoseconds. */
export function toNs(ms: number): bigint {
  return BigInt(Math.floor(ms)) * BigInt(NS_PER_MS)
}

/** Nanoseconds as whole milliseconds. */
export function toMs(ns: bigint): number {
  return Number(ns / BigInt(NS_PER_MS))
}
