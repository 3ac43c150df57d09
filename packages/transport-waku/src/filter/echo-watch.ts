/** Own messages are expected back within this time, ms, and after so many that were not, nobody delivers. */
export const ECHO_WITHIN_MS = 10_000
const ECHOES_MISSED = 3
/** Own messages expected back. @limit A further one is not. */
const MAX_AWAITED = 64

/** Own messages that should come back: those that do not tell of service nodes that say that they deliver, and do not. */
export class EchoWatch {
  /** By when each is expected, ms, by hash. */
  readonly #awaited = new Map<string, number>()
  #missed = 0

  /** An own message was taken. */
  expect(hash: string, now: number): void {
    if (this.#awaited.size < MAX_AWAITED) this.#awaited.set(hash, now + ECHO_WITHIN_MS)
  }

  /** A message was delivered; an own one proves that deliveries work. */
  delivered(hash: string): void {
    if (this.#awaited.delete(hash)) this.#missed = 0
  }

  /** Whether so many did not come back that nobody delivers. Counted anew after that. */
  nobodyDelivers(now: number): boolean {
    for (const [hash, untilMs] of this.#awaited) {
      if (untilMs > now) continue
      this.#awaited.delete(hash)
      this.#missed++
    }
    if (this.#missed < ECHOES_MISSED) return false
    this.#missed = 0
    return true
  }
}
