import { createHash } from 'node:crypto'

import { gossipsub, type GossipSub } from '@chainsafe/libp2p-gossipsub'
import { yamux } from '@chainsafe/libp2p-yamux'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { TopicValidatorResult, type Libp2p, type PrivateKey } from '@libp2p/interface'
import { mplex } from '@libp2p/mplex'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { all } from '@libp2p/websockets/filters'
import { noteProtocolsOnce, packedNoise, silentLogger } from '@reliable-channels/libp2p-tuning'
import { createLibp2p } from 'libp2p'

import { MAX_MESSAGE_BYTES, messageFault, type NodeMessage } from './message.ts'
import { MAX_SHARDS, shardTopic } from './topics.ts'

/** Protocol id of 11/WAKU2-RELAY. */
const RELAY = '/vac/waku/relay/2.0.0'

type GossipSubComponents = Parameters<ReturnType<typeof gossipsub>>[0]

/** The libp2p node under a service node. */
export type ServiceLibp2p = Libp2p<{ pubsub: GossipSub; identify: unknown }>

/** Options of {@link createNetwork}. */
export interface NetworkOptions {
  readonly privateKey: PrivateKey
  readonly clusterId: number
  readonly listen: readonly string[]
}

/** One gossip RPC may carry several messages, when a peer asks for what it missed. */
const MAX_RPC_BYTES = 8 * 1024 * 1024
const MAX_PENDING_RPC_BYTES = 64 * 1024 * 1024
const HEARTBEAT_MS = 250
/** Up to so many peers gossipsub takes all of them into the mesh of a topic. */
const MESH_LOW = 4
const RPC_LIMITS = {
  maxSubscriptions: MAX_SHARDS,
  maxMessages: 1024,
  maxIhaveMessageIDs: 5000,
  maxIwantMessageIDs: 5000,
  maxIdontwantMessageIDs: 5000,
  maxControlMessages: 5000,
  maxPeerInfos: 64,
}
/** Generous, for machines with more to do than to test. */
const DIAL_TIMEOUT_MS = 30_000
const MAX_CONNECTIONS = 1000
const MAX_STREAMS = 4096

/** The key of a node: the same for the same seed and index. */
export function privateKeyOf(seed: number, index: number): PrivateKey {
  const secret = createHash('sha256').update(`reliable-channels/waku-devnet/${seed}/${index}`).digest()
  // @libp2p/crypto is typed against a later major of the interfaces than libp2p 2; the key is the same.
  return privateKeyFromRaw(secret) as unknown as PrivateKey
}

/** Makes a libp2p node that speaks what js-waku and other relays speak; not started yet. */
export async function createNetwork(options: NetworkOptions): Promise<ServiceLibp2p> {
  const logger = silentLogger()
  const libp2p = await createLibp2p({
    ...(logger && { logger }),
    privateKey: options.privateKey,
    addresses: { listen: [...options.listen] },
    transports: [tcp(), webSockets({ filter: all })],
    connectionEncrypters: [packedNoise()],
    // js-waku speaks mplex alone. A light node may close a stream that this side has just forgotten.
    streamMuxers: [yamux(), mplex({ maxInboundStreams: MAX_STREAMS, disconnectThreshold: 1000 })],
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: MAX_CONNECTIONS,
      maxIncomingPendingConnections: MAX_CONNECTIONS,
      dialTimeout: DIAL_TIMEOUT_MS,
      inboundUpgradeTimeout: DIAL_TIMEOUT_MS,
    },
    // A peer that stops reading is cut off before what waits for it piles up, but not a laptop that nods off.
    connectionMonitor: { pingInterval: 20_000, pingTimeout: { minTimeout: 20_000, maxTimeout: 20_000 } },
    services: {
      identify: identify(),
      pubsub: relay(options.clusterId),
    },
    start: false,
  })
  noteProtocolsOnce(libp2p.peerStore)
  return libp2p
}

function relay(clusterId: number): (components: GossipSubComponents) => GossipSub {
  return (components) => {
    const pubsub = gossipsub({
      globalSignaturePolicy: 'StrictNoSign',
      msgIdFn: (message) => createHash('sha256').update(message.data).digest(),
      emitSelf: false,
      fallbackToFloodsub: false,
      allowPublishToZeroTopicPeers: true,
      Dlo: MESH_LOW,
      heartbeatInterval: HEARTBEAT_MS,
      // A peer can neither subscribe to topics without end nor send more than a node could hold.
      allowedTopics: Array.from({ length: MAX_SHARDS }, (_, shard) => shardTopic(clusterId, shard)),
      decodeRpcLimits: RPC_LIMITS,
      maxInboundDataLength: MAX_RPC_BYTES,
      maxOutboundBufferSize: MAX_PENDING_RPC_BYTES,
      // Every node of a devnet has the same address.
      scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0 },
    })(components) as GossipSub
    pubsub.multicodecs = [RELAY]
    return pubsub
  }
}

/** A node could not listen on its addresses. */
export class DevnetListenError extends Error {
  override readonly name = 'DevnetListenError'
  readonly code = 'ERR_DEVNET_LISTEN'
}

/** Starts a node, or says which addresses it could not have. */
export async function listen(libp2p: ServiceLibp2p, addresses: readonly string[]): Promise<void> {
  try {
    await libp2p.start()
  } catch (cause) {
    const detail =
      /\bE[A-Z]{4,}\b/.exec(cause instanceof Error ? cause.message : '')?.[0] ?? 'no reason given'
    const advice =
      detail === 'EADDRINUSE' ? ': another program listens there; choose other ports, 0 takes free ones' : ''
    throw new DevnetListenError(`cannot listen on ${addresses.join(' and ')} (${detail})${advice}`, { cause })
  }
}

/** Passes on only what a node would take itself. */
export function validate(pubsub: GossipSub, topic: string): void {
  pubsub.topicValidators.set(topic, (_peer, { data }) =>
    data.length > MAX_MESSAGE_BYTES || messageFault(data) !== undefined
      ? TopicValidatorResult.Reject
      : TopicValidatorResult.Accept,
  )
}

/** Whether two nodes know of each other's topics and, unless they have peers to choose from, mesh. */
export function isLinked(one: ServiceLibp2p, other: ServiceLibp2p, topics: readonly string[]): boolean {
  return topics.every((topic) => knows(one, other, topic) && knows(other, one, topic))
}

function knows(node: ServiceLibp2p, peer: ServiceLibp2p, topic: string): boolean {
  const { pubsub } = node.services
  const subscribers = pubsub.getSubscribers(topic)
  if (!subscribers.some((subscriber) => subscriber.equals(peer.peerId))) return false
  return subscribers.length > MESH_LOW || pubsub.mesh.get(topic)?.has(peer.peerId.toString()) === true
}

/** Publishes a message; how many peers it was sent to, or `undefined` for one that was there already. */
export async function gossip(pubsub: GossipSub, message: NodeMessage): Promise<number | undefined> {
  try {
    const { recipients } = await pubsub.publish(message.pubsubTopic, message.bytes)
    return recipients.length
  } catch (error) {
    if (error instanceof Error && error.message === 'PublishError.Duplicate') return undefined
    throw error
  }
}
