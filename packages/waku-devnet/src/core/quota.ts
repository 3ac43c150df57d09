/** So many messages a peer in each epoch: what RLN would allow a member. */
export interface DevnetQuota {
  readonly messages: number
  readonly epochMs: number
}

/** Peers remembered in an epoch. @limit The one that came first is forgotten. */
const MAX_PEERS = 100_000

/** Counts the messages of each peer in the current epoch. */
export class QuotaLedger {
  readonly #quota: DevnetQuota
  readonly #used = new Map<string, number>()
  #epoch = -1

  constructor(quota: DevnetQuota) {
    this.#quota = quota
  }

  /** Spends one message of a peer's quota; false when it is used up until the next epoch. */
  spend(peer: string, now: number): boolean {
    const epoch = Math.floor(now / this.#quota.epochMs)
    if (epoch !== this.#epoch) {
      this.#epoch = epoch
      this.#used.clear()
    }
    const used = this.#used.get(peer) ?? 0
    if (used >= this.#quota.messages) return false
    this.#used.set(peer, used + 1)
    if (this.#used.size > MAX_PEERS) {
      const [oldest] = this.#used.keys()
      if (oldest !== undefined) this.#used.delete(oldest)
    }
    return true
  }
}
