/** Limits of the filter service. */
export interface SubscriptionLimits {
  /** Without a ping or subscription for this long, a peer's subscriptions end. */
  readonly subscriptionTimeoutMs: number
  readonly maxPeers: number
  /** Pairs of pubsub and content topic that one peer may hold. */
  readonly maxCriteriaPerPeer: number
}

/** Why a subscription was not taken. */
export type SubscribeRefusal = 'too-many-peers' | 'too-many-criteria'

interface Subscriber {
  readonly criteria: Set<string>
  seenAt: number
}

/** Which peer wants which content topics: the state of the filter service. */
export class Subscriptions {
  readonly #limits: SubscriptionLimits
  readonly #peers = new Map<string, Subscriber>()
  readonly #byCriterion = new Map<string, Set<string>>()

  constructor(limits: SubscriptionLimits) {
    this.#limits = limits
  }

  /** Peers that hold a subscription, timed-out ones included until they are next looked at. */
  get size(): number {
    return this.#peers.size
  }

  /** Adds content topics for a peer; `undefined` when taken. */
  subscribe(
    peer: string,
    pubsubTopic: string,
    contentTopics: readonly string[],
    now: number,
  ): SubscribeRefusal | undefined {
    this.#live(peer, now)
    if (!this.#peers.has(peer)) {
      if (this.#peers.size >= this.#limits.maxPeers) this.#expire(now)
      if (this.#peers.size >= this.#limits.maxPeers) return 'too-many-peers'
    }
    const held = this.#peers.get(peer)?.criteria.size ?? 0
    // The real node adds up what is held and what is asked for, known topics included.
    if (held + contentTopics.length > this.#limits.maxCriteriaPerPeer) return 'too-many-criteria'
    const subscriber = this.#peers.get(peer) ?? { criteria: new Set<string>(), seenAt: now }
    subscriber.seenAt = now
    this.#peers.set(peer, subscriber)
    for (const contentTopic of contentTopics) {
      const key = criterion(pubsubTopic, contentTopic)
      subscriber.criteria.add(key)
      const peers = this.#byCriterion.get(key)
      if (peers === undefined) this.#byCriterion.set(key, new Set([peer]))
      else peers.add(peer)
    }
    return undefined
  }

  /** Removes content topics; false when the peer held none of them. */
  unsubscribe(peer: string, pubsubTopic: string, contentTopics: readonly string[], now: number): boolean {
    const subscriber = this.#live(peer, now)
    if (subscriber === undefined) return false
    let removed = false
    for (const contentTopic of contentTopics) {
      const key = criterion(pubsubTopic, contentTopic)
      if (!subscriber.criteria.delete(key)) continue
      removed = true
      this.#unlink(key, peer)
    }
    if (subscriber.criteria.size === 0) this.#peers.delete(peer)
    return removed
  }

  /** Removes everything a peer holds; false when it held nothing. */
  unsubscribeAll(peer: string, now: number): boolean {
    if (this.#live(peer, now) === undefined) return false
    this.#remove(peer)
    return true
  }

  /** Renews a peer's subscriptions; false when it has none. */
  ping(peer: string, now: number): boolean {
    const subscriber = this.#live(peer, now)
    if (subscriber === undefined) return false
    subscriber.seenAt = now
    return true
  }

  /** The peers that want a message. */
  peersFor(pubsubTopic: string, contentTopic: string, now: number): string[] {
    const peers = this.#byCriterion.get(criterion(pubsubTopic, contentTopic))
    return peers === undefined ? [] : [...peers].filter((peer) => this.#live(peer, now) !== undefined)
  }

  /** Forgets every subscription of one peer, or of all. */
  forget(peer?: string): void {
    for (const known of peer === undefined ? [...this.#peers.keys()] : [peer]) this.#remove(known)
  }

  #live(peer: string, now: number): Subscriber | undefined {
    const subscriber = this.#peers.get(peer)
    if (subscriber === undefined) return undefined
    if (now - subscriber.seenAt <= this.#limits.subscriptionTimeoutMs) return subscriber
    this.#remove(peer)
    return undefined
  }

  #expire(now: number): void {
    for (const peer of this.#peers.keys()) this.#live(peer, now)
  }

  #remove(peer: string): void {
    for (const key of this.#peers.get(peer)?.criteria ?? []) this.#unlink(key, peer)
    this.#peers.delete(peer)
  }

  #unlink(key: string, peer: string): void {
    const peers = this.#byCriterion.get(key)
    peers?.delete(peer)
    if (peers?.size === 0) this.#byCriterion.delete(key)
  }
}

/** Length-prefixed, so that no two pairs of topics share a key. */
function criterion(pubsubTopic: string, contentTopic: string): string {
  return `${pubsubTopic.length}:${pubsubTopic}${contentTopic}`
}
