import type { GossipsubMessage } from '@chainsafe/libp2p-gossipsub'
import { multiaddr } from '@multiformats/multiaddr'

import { Archive } from './core/archive.ts'
import { Recent } from './core/recent.ts'
import { Subscriptions } from './core/subscriptions.ts'
import { NodeFaults, type DevnetFaults } from './faults.ts'
import { encodePush, FilterPusher } from './filter-push.ts'
import { decodeGossip, gossipRpcBytes, MAX_MESSAGE_BYTES, type NodeMessage } from './message.ts'
import { createNetwork, isLinked, validate, type ServiceLibp2p } from './network.ts'
import type { DevnetMessage, ResolvedOptions } from './options.ts'
import { protocols, type ProtocolHost } from './protocols.ts'
import { seededRandom } from './random.ts'
import { Outcasts } from './outcasts.ts'
import { servePing } from './ping.ts'
import { Server } from './serve.ts'
import { shardTopic } from './topics.ts'
import { until } from './until.ts'

/** A service node of a {@link Devnet}. */
export interface DevnetNode {
  readonly index: number
  /** Stays the same over restarts, and over runs with the same seed. */
  readonly peerId: string
  /** Addresses with the peer id, WebSocket first; they stay the same over restarts. */
  readonly multiaddrs: readonly string[]
  readonly running: boolean
  /** What can be made to go wrong at this node. */
  readonly faults: DevnetFaults
  /** What the node holds and has done. */
  stats(): DevnetNodeStats
  /** Stops the node: connections break, subscriptions are lost, the store stays. */
  stop(): Promise<void>
  /** Starts a stopped node on its old addresses and links it to the nodes that run. */
  start(): Promise<void>
  /** {@link stop}, then {@link start}. */
  restart(): Promise<void>
}

/** What a node holds now and has done since it was made. */
export interface DevnetNodeStats {
  readonly connections: number
  /** Peers with a filter subscription. */
  readonly subscribers: number
  /** Messages in the store. */
  readonly stored: number
  /** Messages taken, by light push and from the relay. */
  readonly messages: number
  /** Filter pushes sent. */
  readonly pushed: number
  /** Filter pushes that had nowhere to go: the subscriber was away or did not keep up. */
  readonly unpushed: number
}

/** Further than this from the node's clock a message is relayed and pushed, but not stored. */
const STORE_WINDOW_NS = 20_000_000_000n
const REMEMBERED_UNRELAYED = 1024
const LINK_TIMEOUT_MS = 10_000

/** The node behind {@link DevnetNode}. */
export class ServiceNode implements DevnetNode, ProtocolHost {
  readonly index: number
  readonly options: ResolvedOptions
  readonly faults: NodeFaults
  readonly archive: Archive | undefined
  readonly #topics: readonly string[]
  readonly #neighbours: () => readonly ServiceNode[]
  readonly #onMessage: (message: DevnetMessage) => void
  readonly #unrelayed = new Recent(REMEMBERED_UNRELAYED)
  #subscriptions: Subscriptions
  #libp2p: ServiceLibp2p | undefined
  #outcasts: Outcasts | undefined
  #pusher: FilterPusher | undefined
  #peerId = ''
  #multiaddrs: readonly string[] = []
  #turn: Promise<void> = Promise.resolve()
  #messages = 0
  #pushed = 0
  #unpushed = 0

  constructor(
    index: number,
    options: ResolvedOptions,
    neighbours: () => readonly ServiceNode[],
    onMessage: (message: DevnetMessage) => void,
  ) {
    this.index = index
    this.options = options
    this.#neighbours = neighbours
    this.#onMessage = onMessage
    this.archive = options.store === undefined ? undefined : new Archive(options.store)
    this.#topics = options.shards.map((shard) => shardTopic(options.clusterId, shard))
    this.#subscriptions = new Subscriptions(options.filter)
    this.faults = new NodeFaults(seededRandom(options.seed + index), (peer) =>
      this.#subscriptions.forget(peer),
    )
  }

  get peerId(): string {
    return this.#peerId
  }

  get multiaddrs(): readonly string[] {
    return this.#multiaddrs
  }

  get running(): boolean {
    return this.#libp2p !== undefined
  }

  get subscriptions(): Subscriptions {
    return this.#subscriptions
  }

  get clusterId(): number {
    return this.options.clusterId
  }

  get shardCount(): number | undefined {
    return this.options.shardCount
  }

  stats(): DevnetNodeStats {
    return {
      connections: this.#libp2p?.getConnections().length ?? 0,
      subscribers: this.#subscriptions.size,
      stored: this.archive?.size ?? 0,
      messages: this.#messages,
      pushed: this.#pushed,
      unpushed: this.#unpushed,
    }
  }

  now(): number {
    return Date.now()
  }

  /** The node's own clock, with which it stamps and judges messages. */
  nowNs(): bigint {
    return BigInt(this.now() + this.faults.settings.clockSkewMs) * 1_000_000n
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#shutdown())
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#listen())
  }

  restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#shutdown()
      await this.#listen()
    })
  }

  async publish(message: NodeMessage): Promise<number> {
    const pubsub = this.#libp2p?.services.pubsub
    if (pubsub === undefined) return 0
    const { pubsubTopic } = message
    if (this.faults.strikes(this.faults.settings.dropLightPush)) {
      return Math.max(1, pubsub.getSubscribers(pubsubTopic).length)
    }
    let relayPeers: number
    if (gossipRpcBytes(message) > MAX_MESSAGE_BYTES) {
      // Counted, kept and pushed here, but too big for gossip: the real node loses it without a word.
      if (!this.#unrelayed.add(message.hashHex)) return 0
      relayPeers = pubsub.getSubscribers(pubsubTopic).length
    } else {
      const { recipients, duplicate } = await gossip(pubsub, message)
      if (duplicate) return 0
      relayPeers = recipients
    }
    if (this.#topics.includes(pubsubTopic)) this.#take(message, 'light-push')
    return relayPeers
  }

  #onGossip({ msg, propagationSource }: GossipsubMessage): void {
    const message = decodeGossip(msg.topic, msg.data, this.nowNs())
    if (message === undefined || !this.#topics.includes(message.pubsubTopic)) return
    const source = propagationSource.toString()
    const fromDevnet = this.#neighbours().some((neighbour) => neighbour.peerId === source)
    this.#take(message, fromDevnet ? undefined : 'relay')
  }

  /** Pushes to subscribers, stores, and reports a message that is new to the network. */
  #take(message: NodeMessage, via: DevnetMessage['via'] | undefined): void {
    this.#messages++
    const now = this.now()
    const peers = this.#subscriptions.peersFor(message.pubsubTopic, message.contentTopic, now)
    if (peers.length > 0) {
      const push = encodePush(message.pubsubTopic, message.bytes)
      for (const peer of peers) void this.#push(peer, push)
    }
    const stored = this.#store(message, now)
    if (via === undefined) return
    const { hashHex, hash: _hash, bytes: _bytes, ...visible } = message
    this.#onMessage({ node: this.index, via, hash: hashHex, ...visible, stored, subscribers: peers.length })
  }

  #store(message: NodeMessage, now: number): boolean {
    if (this.archive === undefined || message.ephemeral) return false
    const skew = message.timestamp - this.nowNs()
    if (skew > STORE_WINDOW_NS || skew < -STORE_WINDOW_NS) return false
    return this.archive.add(message, now)
  }

  async #push(peer: string, push: Uint8Array): Promise<void> {
    const { silent, dropFilterPush, delayMs } = this.faults.settings
    if (silent || this.faults.strikes(dropFilterPush)) return
    if (delayMs > 0) await this.faults.delay()
    if (this.#pusher?.push(peer, push) === true) this.#pushed++
    else this.#unpushed++
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  async #listen(): Promise<void> {
    if (this.#libp2p !== undefined) return
    const libp2p = await createNetwork({
      seed: this.options.seed,
      index: this.index,
      clusterId: this.options.clusterId,
      listen: this.#listenAddresses(),
    })
    const outcasts = new Outcasts(this.options.rateLimits.breakConnections)
    outcasts.watch(libp2p)
    const { pubsub } = libp2p.services
    pubsub.addEventListener('gossipsub:message', (event) => this.#onGossip(event.detail))
    try {
      const server = new Server(outcasts)
      for (const protocol of protocols(this)) await server.serve(libp2p, protocol)
      await servePing(libp2p, outcasts)
      await libp2p.start()
    } catch (error) {
      await libp2p.stop()
      throw error
    }
    for (const topic of this.#topics) {
      validate(pubsub, topic)
      pubsub.subscribe(topic)
    }
    this.#libp2p = libp2p
    this.#outcasts = outcasts
    this.#pusher = new FilterPusher(libp2p)
    this.#peerId = libp2p.peerId.toString()
    const addresses = libp2p.getMultiaddrs().map(String)
    this.#multiaddrs = [
      ...addresses.filter(isWebSocket),
      ...addresses.filter((address) => !isWebSocket(address)),
    ]
    await this.#link(libp2p)
  }

  async #shutdown(): Promise<void> {
    const libp2p = this.#libp2p
    this.#libp2p = undefined
    this.faults.cancelDelays()
    this.#outcasts?.close()
    this.#pusher?.close()
    this.#pusher = undefined
    this.#subscriptions = new Subscriptions(this.options.filter)
    await libp2p?.stop()
  }

  /** Dials the neighbours that run, and waits until gossip flows both ways. */
  async #link(libp2p: ServiceLibp2p): Promise<void> {
    for (const neighbour of this.#neighbours()) {
      const other = neighbour.#libp2p
      const address = neighbour.multiaddrs.find((candidate) => !isWebSocket(candidate))
      if (other === undefined || address === undefined) continue
      await libp2p.dial(multiaddr(address))
      const linked = (): boolean => neighbour.#libp2p !== other || isLinked(libp2p, other, this.#topics)
      await until(
        linked,
        LINK_TIMEOUT_MS,
        `node ${this.index} to exchange gossip with node ${neighbour.index}`,
      )
    }
  }

  /** The ports of the last run, or those asked for. */
  #listenAddresses(): string[] {
    const { host, port } = this.options
    const ports = this.#multiaddrs.length > 0 ? this.#multiaddrs.map(portOf) : []
    const webSocketPort = ports[0] ?? (port === 0 ? 0 : port + 2 * this.index)
    const tcpPort = ports.at(-1) ?? (port === 0 ? 0 : port + 2 * this.index + 1)
    const network = host.includes(':') ? 'ip6' : 'ip4'
    return [`/${network}/${host}/tcp/${webSocketPort}/ws`, `/${network}/${host}/tcp/${tcpPort}`]
  }
}

async function gossip(
  pubsub: ServiceLibp2p['services']['pubsub'],
  message: NodeMessage,
): Promise<{ readonly recipients: number; readonly duplicate: boolean }> {
  try {
    const { recipients } = await pubsub.publish(message.pubsubTopic, message.bytes)
    return { recipients: recipients.length, duplicate: false }
  } catch (error) {
    if (error instanceof Error && error.message === 'PublishError.Duplicate') {
      return { recipients: 0, duplicate: true }
    }
    throw error
  }
}

function isWebSocket(address: string): boolean {
  return address.includes('/ws')
}

function portOf(address: string): number {
  return Number(/\/tcp\/(\d+)/.exec(address)?.[1] ?? 0)
}
