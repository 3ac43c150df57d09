const NS_PER_MS = 1_000_000

/**
 * Stamps messages: nanoseconds since 1970, strictly increasing, random below the millisecond.
 *
 * A message without a timestamp is stamped by `@waku/sdk` anew for each service node, so that one message becomes
 * several; and `@waku/sdk` itself stamps milliseconds, so that equal payloads of one millisecond become one message.
 */
export class Stamper {
  #last = 0n

  /** The stamp for a message made at `nowMs`; `random` in [0, 1). */
  next(nowMs: number, random: number): bigint {
    const stamp = toNs(nowMs) + BigInt(Math.floor(random * NS_PER_MS))
    this.#last = stamp > this.#last ? stamp : this.#last + 1n
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
