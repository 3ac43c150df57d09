import type { GossipsubMessage } from '@chainsafe/libp2p-gossipsub'
import type { PrivateKey } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

import type { Archive } from './core/archive.ts'
import { RecentKeys } from './core/recent-keys.ts'
import { Subscriptions } from './core/subscriptions.ts'
import type { NodeFaults } from './faults.ts'
import { encodePush, FilterPusher } from './filter-push.ts'
import { Flow } from './flow.ts'
import { decodeGossip, gossipRpcBytes, MAX_MESSAGE_BYTES, type NodeMessage } from './message.ts'
import { greetPeers } from './metadata.ts'
import { createNetwork, gossip, listen, validate, type ServiceLibp2p } from './network.ts'
import type { NodeStore } from './node-store.ts'
import type { DevnetMessage, DevnetSettings } from './options.ts'
import { Outcasts } from './outcasts.ts'
import { servePing } from './ping.ts'
import { protocols, type ProtocolHost } from './protocols.ts'
import { Server } from './serve.ts'
import { stopWithin } from './stop-within.ts'
import { shardTopic } from './topics.ts'

/** Things that a run shares with the runs before and after it. */
export interface NodeContext {
  readonly index: number
  readonly privateKey: PrivateKey
  readonly options: DevnetSettings
  readonly faults: NodeFaults
  readonly store: NodeStore | undefined
  readonly counters: NodeCounters
  /** Whether a peer is another node of this devnet. */
  readonly isOurs: (peerId: string) => boolean
  /** Signed records of the other nodes that run. */
  readonly records: () => readonly Uint8Array[]
  readonly onMessage: (message: DevnetMessage) => void
}

/** Counts of a node since it was made. */
export interface NodeCounters {
  messages: number
  pushed: number
  unpushed: number
}

const REMEMBERED_UNRELAYED = 1024

/** A service node from its start to its stop: what it holds here is lost with it. */
export class NodeRun implements ProtocolHost {
  readonly libp2p: ServiceLibp2p
  readonly topics: readonly string[]
  readonly subscriptions: Subscriptions
  readonly #context: NodeContext
  readonly #outcasts: Outcasts
  readonly #flow = new Flow()
  readonly #pusher: FilterPusher
  readonly #unrelayed = new RecentKeys(REMEMBERED_UNRELAYED)

  constructor(context: NodeContext, libp2p: ServiceLibp2p) {
    const { clusterId, shards, filter, rateLimits } = context.options
    this.libp2p = libp2p
    this.topics = shards.map((shard) => shardTopic(clusterId, shard))
    this.subscriptions = new Subscriptions(filter)
    this.#context = context
    this.#outcasts = new Outcasts(rateLimits.breakConnections)
    this.#pusher = new FilterPusher(libp2p, this.#flow)
  }

  /** Brings a node up on these addresses; it is linked to nobody yet. */
  static async start(context: NodeContext, addresses: readonly string[]): Promise<NodeRun> {
    const { options, privateKey } = context
    const libp2p = await createNetwork({ privateKey, clusterId: options.clusterId, listen: addresses })
    const run = new NodeRun(context, libp2p)
    try {
      await run.#serve(addresses)
    } catch (error) {
      await run.stop()
      throw error
    }
    return run
  }

  get options(): DevnetSettings {
    return this.#context.options
  }

  get faults(): NodeFaults {
    return this.#context.faults
  }

  get archive(): Archive | undefined {
    return this.#context.store?.archive
  }

  records(): readonly Uint8Array[] {
    return this.#context.records()
  }

  get clusterId(): number {
    return this.options.clusterId
  }

  get shardCount(): number | undefined {
    return this.options.shardCount
  }

  now(): number {
    return Date.now()
  }

  /** The node's own clock, with which it stamps and judges messages. */
  nowNs(): bigint {
    return BigInt(this.now() + this.faults.settings.clockSkewMs) * 1_000_000n
  }

  async stop(): Promise<void> {
    this.faults.cancelDelays()
    this.#outcasts.close()
    this.#pusher.close()
    await stopWithin(this.libp2p)
  }

  async publish(message: NodeMessage): Promise<number> {
    const { pubsub } = this.libp2p.services
    if (this.faults.strikes(this.faults.settings.dropLightPush)) {
      return Math.max(1, pubsub.getSubscribers(message.pubsubTopic).length)
    }
    const isServed = this.topics.includes(message.pubsubTopic)
    // Gossip would remember a topic that nobody has, however long its name.
    if (!isServed && pubsub.getSubscribers(message.pubsubTopic).length === 0) return 0
    let relayPeers: number | undefined
    if (gossipRpcBytes(message) > MAX_MESSAGE_BYTES) {
      // Counted, kept and pushed here, but too big for gossip: the real node loses it without a word.
      if (!this.#unrelayed.add(message.hashHex)) return 0
      relayPeers = pubsub.getSubscribers(message.pubsubTopic).length
    } else {
      relayPeers = await gossip(pubsub, message)
      if (relayPeers === undefined) return 0
    }
    if (isServed) this.#take(message, 'light-push')
    return relayPeers
  }

  async #serve(addresses: readonly string[]): Promise<void> {
    const { pubsub } = this.libp2p.services
    this.#outcasts.watch(this.libp2p)
    pubsub.addEventListener('gossipsub:message', (event) => this.#onGossip(event.detail))
    const server = new Server(this.#outcasts, this.#flow)
    for (const protocol of protocols(this)) await server.serve(this.libp2p, protocol)
    await servePing(this.libp2p, this.#outcasts)
    greetPeers(this.libp2p, this.clusterId, this.options.shards)
    await listen(this.libp2p, addresses)
    for (const topic of this.topics) {
      validate(pubsub, topic)
      pubsub.subscribe(topic)
    }
  }

  #onGossip({ msg, propagationSource }: GossipsubMessage): void {
    const message = decodeGossip(msg.topic, msg.data, this.nowNs())
    if (message === undefined || !this.topics.includes(message.pubsubTopic)) return
    this.#take(message, this.#context.isOurs(propagationSource.toString()) ? undefined : 'relay')
  }

  /** Pushes to subscribers, stores, and reports what did not come from another node of the devnet. */
  #take(message: NodeMessage, via: DevnetMessage['via'] | undefined): void {
    const { counters, index, onMessage, store } = this.#context
    counters.messages++
    const peers = this.subscriptions.peersFor(message.pubsubTopic, message.contentTopic, this.now())
    if (peers.length > 0) {
      const push = encodePush(message.pubsubTopic, message.bytes)
      for (const peer of peers) void this.#push(peer, push)
    }
    const stored = store?.keep(message, this.now(), this.nowNs()) ?? false
    if (via === undefined) return
    const { hashHex, hash: _hash, bytes: _bytes, ...visible } = message
    onMessage({ node: index, via, hash: hashHex, ...visible, stored, subscribers: peers.length })
  }

  async #push(peer: string, push: Uint8ArrayList): Promise<void> {
    const { counters } = this.#context
    const { silent, dropFilterPush, delayMs } = this.faults.settings
    if (silent || this.faults.strikes(dropFilterPush)) return
    const isOnItsWay = (delayMs === 0 || (await this.faults.delay())) && this.#pusher.push(peer, push)
    if (isOnItsWay) counters.pushed++
    else counters.unpushed++
  }
}
