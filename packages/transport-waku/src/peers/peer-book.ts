import { type Observable, Subject } from 'rxjs'

import { FILTER_SUBSCRIBE } from '../core/filter-codec.ts'
import { LIGHT_PUSH } from '../core/light-push-codec.ts'
import { type ServedShards, servesTopic } from '../core/shard.ts'
import { STORE } from '../core/store-codec.ts'
import { servedShardsOf } from '../private-behaviour.ts'
import type { Connection, Libp2p, PeerId } from '../waku-node.ts'
import type { Service } from '../services.ts'

interface KnownPeer {
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
  readonly #changes = new Subject<void>()
  readonly #onEvent = (): void => void this.#refresh()
  #peers: ReadonlyMap<string, KnownPeer> = new Map()
  #refreshing = false
  #again = false
  #closed = false

  constructor(libp2p: Libp2p) {
    this.#libp2p = libp2p
    for (const event of events) libp2p.addEventListener(event, this.#onEvent)
    void this.#refresh()
  }

  /** Emits when the peers are others, and when the node was started or stopped. */
  get changes$(): Observable<void> {
    return this.#changes
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
    for (const event of events) this.#libp2p.removeEventListener(event, this.#onEvent)
    this.#changes.complete()
  }

  /** Reads the peers anew; what happens meanwhile has it done once more. */
  async #refresh(): Promise<void> {
    this.#again = true
    if (this.#refreshing) return
    this.#refreshing = true
    let wasStarted = this.#isStarted
    while (this.#again && !this.#closed) {
      this.#again = false
      const peers = await this.#read()
      const isStarted = this.#isStarted
      const changed = isStarted !== wasStarted || !isSame(peers, this.#peers)
      wasStarted = isStarted
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
      const peer = await this.#libp2p.peerStore.get(id).catch(() => undefined)
      if (peer === undefined) continue
      const services = protocols.flatMap(([service, protocol]) =>
        peer.protocols.includes(protocol) ? [service] : [],
      )
      const shards = servedShardsOf(peer)
      peers.set(key, {
        id,
        services: new Set(services),
        served: shards.served,
        fingerprint: `${services.join()} ${shards.fingerprint}`,
      })
    }
    return peers
  }
}

function isSame(a: ReadonlyMap<string, KnownPeer>, b: ReadonlyMap<string, KnownPeer>): boolean {
  if (a.size !== b.size) return false
  for (const [key, { fingerprint }] of a) if (b.get(key)?.fingerprint !== fingerprint) return false
  return true
}
