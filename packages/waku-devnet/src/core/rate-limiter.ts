/** So many requests in a period: how the real node's `--rate-limit` says it. */
export interface RateLimit {
  readonly volume: number
  readonly periodMs: number
}

/** Share of what a node takes in its peers' period that one peer may use. */
const PEER_SHARE = 0.75
/** Peers whose requests are counted. @limit The one that came first is forgotten. */
const MAX_PEERS = 10_000

interface Window {
  left: number
  startedAt: number
}

/**
 * Limits requests as a service node does: a window for each peer and one budget for all.
 *
 * A peer's window is longer than the period (ten times for periods up to a second, three times up to a
 * minute, twice beyond) and takes three quarters of what the node would take in that time; it starts at
 * the first request and refills in full at its end. The shared budget starts at one period's volume and
 * grows at the node's rate while unused, up to one window of it.
 */
export class RequestLimiter {
  readonly #limit: RateLimit
  readonly #windowMs: number
  readonly #volumePerPeer: number
  readonly #maxShared: number
  readonly #windows = new Map<string, Window>()
  #shared: number
  #sharedAt: number

  constructor(limit: RateLimit, now: number) {
    const ratio = limit.periodMs <= 1000 ? 10 : limit.periodMs <= 60_000 ? 3 : 2
    this.#limit = limit
    this.#windowMs = limit.periodMs * ratio
    this.#volumePerPeer = Math.max(1, Math.floor(limit.volume * ratio * PEER_SHARE))
    this.#maxShared = limit.volume * ratio
    this.#shared = limit.volume
    this.#sharedAt = now
  }

  /** Takes one request into account; false when it is one too many. */
  admit(peer: string, now: number): boolean {
    const window = this.#window(peer, now)
    if (window.left === 0) return false
    window.left--
    this.#refill(now)
    if (this.#shared < 1) return false
    this.#shared--
    return true
  }

  #window(peer: string, now: number): Window {
    const known = this.#windows.get(peer)
    if (known !== undefined && now - known.startedAt < this.#windowMs) return known
    const fresh = { left: this.#volumePerPeer, startedAt: now }
    this.#windows.delete(peer)
    this.#windows.set(peer, fresh)
    if (this.#windows.size > MAX_PEERS) {
      const [oldest] = this.#windows.keys()
      if (oldest !== undefined) this.#windows.delete(oldest)
    }
    return fresh
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#sharedAt)
    this.#sharedAt = now
    const grown = this.#shared + (elapsed / this.#limit.periodMs) * this.#limit.volume
    this.#shared = Math.min(this.#maxShared, grown)
  }
}
