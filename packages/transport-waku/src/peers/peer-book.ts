import { type Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs'

import { FILTER_SUBSCRIBE } from '../core/filter-codec.ts'
import type { ConnectedPeer } from '../core/connection-problem.ts'
import { LIGHT_PUSH } from '../core/light-push-codec.ts'
import { type ServedShards, servesTopic } from '../core/shard.ts'
import { STORE } from '../core/store-codec.ts'
import { servedShardsOf } from '../private-behaviour.ts'
import type { Connection, Libp2p, ServicePeer, PeerId } from '../waku-node.ts'
import type { Service } from '../services.ts'
import { withTimeout } from '../with-timeout.ts'

interface KnownPeer extends ConnectedPeer {
  readonly id: PeerId
  readonly services: ReadonlySet<Service>
  readonly served: ServedShards | undefined
  /** Tells two states of a peer apart. */
  readonly fingerprint: string
}

const protocols: readonly (readonly [Service, string])[] = [
  ['lightPush', LIGHT_PUSH],
  ['filter', FILTER_SUBSCRIBE],
  ['store', STORE],
]

/** Protocol id of 66/WAKU2-METADATA. */
const METADATA = '/vac/waku/metadata/1.0.0'

/**
 * Longest wait for a peer to tell what it speaks, ms.
 *
 * @limit It is taken to speak what it was heard to speak.
 */
const IDENTIFIED_WITHIN_MS = 1000
/**
 * Longest wait for a peer that can to tell its cluster and shards, ms.
 *
 * @limit It is taken to be of the same cluster, and to serve every shard.
 */
const TOLD_WITHIN_MS = 5000
/** libp2p tells nobody when a peer has told its shards, so that it is looked for every so often. */
const LOOK_EVERY_MS = 50
/**
 * Longest wait for what libp2p knows about a peer, ms.
 *
 * @limit The peer is not used until it is looked up again.
 */
const LOOK_UP_WITHIN_MS = 5000
/**
 * Peers of other clusters that are remembered.
 *
 * @limit The oldest is forgotten.
 */
const MAX_FOREIGN = 16

/** Options of {@link PeerBook}. */
export interface PeerBookOptions {
  readonly scheduler: SchedulerLike
  /** The cluster of the network, where it is known. Peers of another one are of no use, and hang up when they notice. */
  readonly clusterId: number | undefined
}

const events = [
  'start',
  'stop',
  'peer:identify',
  'peer:update',
  'peer:disconnect',
  'connection:open',
  'connection:close',
] as const

/**
 * The service nodes that are really usable: connected, identified, on the right shard.
 *
 * They are read from libp2p itself, because `waitForPeers` of `@waku/sdk` is content with any connection, the protocols of
 * a peer that was just dialled may be unknown, and `isConnected()` is always false in Node.
 */
export class PeerBook {
  readonly #libp2p: Libp2p
  readonly #options: PeerBookOptions
  readonly #changes = new Subject<void>()
  readonly #onEvent = (event: Event): void => this.#take(event)
  readonly #foreign = new Map<string, number | undefined>()
  readonly #identified = new Set<string>()
  /** When each peer that is connected was seen first, ms. */
  readonly #since = new Map<string, number>()
  #timer: Subscription | undefined
  #peers: ReadonlyMap<string, KnownPeer> = new Map()
  #refreshing = false
  #again = false
  #closed = false

  constructor(libp2p: Libp2p, options: PeerBookOptions) {
    this.#libp2p = libp2p
    this.#options = options
    for (const event of events) libp2p.addEventListener(event, this.#onEvent)
    void this.#refresh()
  }

  /** Emits when the peers are others, and when the node was started or stopped. */
  get changes$(): Observable<void> {
    return this.#changes
  }

  /** All that are connected, usable or not. */
  get connected(): readonly ConnectedPeer[] {
    return [...this.#peers.values()]
  }

  /** Clusters, where they are known, of peers that are of another one, by peer id, the latest last. */
  get foreign(): ReadonlyMap<string, number | undefined> {
    return this.#foreign
  }

  with(service: Service, pubsubTopic: string | undefined): string[] {
    const found: string[] = []
    for (const [key, { services, served }] of this.#peers) {
      if (services.has(service) && (pubsubTopic === undefined || servesTopic(served, pubsubTopic)))
        found.push(key)
    }
    return found
  }

  /** An open connection to the peer, if there is one. */
  connectionTo(peer: string): Connection | undefined {
    const id = this.#peers.get(peer)?.id
    return id && this.#libp2p.getConnections(id).find(({ status }) => status === 'open')
  }

  close(): void {
    this.#closed = true
    this.#timer?.unsubscribe()
    for (const event of events) this.#libp2p.removeEventListener(event, this.#onEvent)
    this.#changes.complete()
  }

  #take(event: Event): void {
    if (event.type === 'peer:identify') {
      this.#identified.add((event as CustomEvent<{ readonly peerId: PeerId }>).detail.peerId.toString())
    } else if (event.type === 'peer:disconnect') void this.#lookBack((event as CustomEvent<PeerId>).detail)
    void this.#refresh()
  }

  /** A peer of another cluster may have hung up before it was looked at. */
  async #lookBack(id: PeerId): Promise<void> {
    const key = id.toString()
    this.#identified.delete(key)
    const peer = await this.#lookUp(id)
    if (peer === undefined || !this.#isForeign(key, servedShardsOf(peer).served) || this.#closed) return
    this.#changes.next()
  }

  #lookUp(id: PeerId): Promise<ServicePeer | undefined> {
    return withTimeout(this.#options.scheduler, LOOK_UP_WITHIN_MS, undefined, () =>
      this.#libp2p.peerStore.get(id),
    ).catch(() => undefined)
  }

  /** Whether a peer has told another cluster, or, as is heard of one that hangs up in the middle of it, nothing. */
  #isForeign(key: string, served: ServedShards | undefined): boolean {
    const { clusterId } = this.#options
    if (served === undefined || clusterId === undefined) return false
    this.#foreign.delete(key)
    if (served.clusterId === clusterId && served.shardIds.size > 0) return false
    this.#foreign.set(key, served.shardIds.size > 0 ? served.clusterId : undefined)
    if (this.#foreign.size > MAX_FOREIGN) this.#foreign.delete(this.#foreign.keys().next().value!)
    return true
  }

  /** Reads the peers anew; what happens meanwhile has it done once more. */
  async #refresh(): Promise<void> {
    this.#again = true
    if (this.#refreshing) return
    this.#refreshing = true
    let wasStarted = this.#isStarted
    let foreign = this.#foreign.size
    while (this.#again && !this.#closed) {
      this.#again = false
      const peers = await this.#read()
      const isStarted = this.#isStarted
      const changed =
        isStarted !== wasStarted || foreign !== this.#foreign.size || !isSame(peers, this.#peers)
      wasStarted = isStarted
      foreign = this.#foreign.size
      this.#peers = peers
      if (changed && !this.#closed) this.#changes.next()
    }
    this.#refreshing = false
  }

  get #isStarted(): boolean {
    return this.#libp2p.status === 'started'
  }

  async #read(): Promise<Map<string, KnownPeer>> {
    const peers = new Map<string, KnownPeer>()
    if (!this.#isStarted) return peers
    for (const { remotePeer: id, status } of this.#libp2p.getConnections()) {
      const key = id.toString()
      if (status !== 'open' || peers.has(key)) continue
      const peer = await this.#lookUp(id)
      if (peer !== undefined) peers.set(key, this.#judge(key, peer))
    }
    for (const key of this.#since.keys()) if (!peers.has(key)) this.#since.delete(key)
    return peers
  }

  /** A peer is of use when it has told what it speaks, and its cluster, if it speaks the protocol for that. */
  #judge(key: string, peer: ServicePeer): KnownPeer {
    const { scheduler } = this.#options
    const speaks = (protocol: string): boolean => peer.protocols.includes(protocol)
    const { served, fingerprint } = servedShardsOf(peer)
    const now = scheduler.now()
    const sinceMs = this.#since.get(key) ?? now
    this.#since.set(key, sinceMs)
    // Dialling tells some of what a peer speaks, identify all of it; a peer that was there before was not heard of.
    const isTold = (served?.shardIds.size ?? 0) > 0 || (this.#identified.has(key) && !speaks(METADATA))
    const isIdentified = isTold || now - sinceMs >= (speaks(METADATA) ? TOLD_WITHIN_MS : IDENTIFIED_WITHIN_MS)
    if (!isIdentified) {
      this.#timer?.unsubscribe()
      this.#timer = scheduler.schedule(() => void this.#refresh(), LOOK_EVERY_MS)
    }
    const isUsable = isIdentified && !this.#isForeign(key, served)
    const services = protocols.flatMap(([service, protocol]) =>
      speaks(protocol) && isUsable ? [service] : [],
    )
    return {
      id: peer.id,
      peer: key,
      services: new Set(services),
      served,
      isIdentified,
      fingerprint: `${services.join()} ${isIdentified} ${fingerprint}`,
    }
  }
}

function isSame(a: ReadonlyMap<string, KnownPeer>, b: ReadonlyMap<string, KnownPeer>): boolean {
  if (a.size !== b.size) return false
  for (const [key, { fingerprint }] of a) if (b.get(key)?.fingerprint !== fingerprint) return false
  return true
}
