import type { proto_message } from '@waku/proto'

import { complete, encodeAsNode, MAX_MESSAGE_BYTES, nodeMessage, type NodeMessage } from './message.ts'
import { autoshard, shardTopic } from './topics.ts'

/**
 * Longest light push read, bytes: a message may take 150 KiB, and one that is longer gets a polite refusal.
 * @limit Its stream is reset.
 */
export const MAX_LIGHT_PUSH_BYTES: number = 2 * 1024 * 1024

/** The text of 429. */
export const TOO_MANY_REQUESTS = 'Request rejected due to too many requests'

/** The text of 505, which also stands for a message that the network already had. */
const NO_PEERS = 'No peers for topic, skipping publish'
const TOO_LARGE = `Message size exceeded maximum of ${MAX_MESSAGE_BYTES} bytes`
const QUOTA_USED = 'RLN proof generation failed: nonce limit is reached'

/** The outcome of a light push, before it is put into the words of v3 or v2. */
export interface PushOutcome {
  readonly statusCode: number
  readonly statusDesc?: string
  readonly relayPeerCount?: number
}

/** A request that was read, or the real node's words for why it could not be. */
export type ParsedPush =
  | {
      readonly requestId: string
      readonly pubsubTopic: string | undefined
      readonly message: proto_message.WakuMessage
    }
  | { readonly fault: string }

/** How a version of light push puts requests and replies. */
export interface LightPushVersion {
  readonly protocol: string
  parse(request: Uint8Array): ParsedPush
  encode(requestId: string, outcome: PushOutcome): Uint8Array
}

/** The parts of a node that light push needs. */
export interface LightPushHost {
  readonly clusterId: number
  /** Shards of the network under autosharding; `undefined` under static sharding. */
  readonly shardCount: number | undefined
  nowNs(): bigint
  /** Hands the message to filter, store and relay; returns how many relay peers took it. */
  publish(message: NodeMessage): Promise<number>
}

/** Answers a light push; `spend` takes one message off the peer's quota, if there is any left. */
export async function answerLightPush(
  request: Uint8Array,
  version: LightPushVersion,
  host: LightPushHost,
  spend: () => boolean,
): Promise<Uint8Array> {
  const parsed = version.parse(request)
  if ('fault' in parsed) {
    return version.encode('N/A', { statusCode: 400, statusDesc: `decode_rpc_failure: ${parsed.fault}` })
  }
  return version.encode(parsed.requestId, await push(parsed.message, parsed.pubsubTopic, host, spend))
}

async function push(
  message: proto_message.WakuMessage,
  pubsubTopic: string | undefined,
  host: LightPushHost,
  spend: () => boolean,
): Promise<PushOutcome> {
  const topic = resolveTopic(message.contentTopic, pubsubTopic, host)
  if (typeof topic !== 'string') return topic
  const encoded = encodeAsNode(complete(message, host.nowNs()))
  if (encoded.bytes.length > MAX_MESSAGE_BYTES) return { statusCode: 420, statusDesc: TOO_LARGE }
  if (!spend()) return { statusCode: 504, statusDesc: QUOTA_USED }
  const relayPeerCount = await host.publish(nodeMessage(topic, encoded))
  return relayPeerCount > 0 ? { statusCode: 200, relayPeerCount } : { statusCode: 505, statusDesc: NO_PEERS }
}

/** The topic named or derived, or why there is none. */
function resolveTopic(
  contentTopic: string,
  pubsubTopic: string | undefined,
  host: LightPushHost,
): string | PushOutcome {
  if (pubsubTopic !== undefined) {
    return pubsubTopic.trim() === ''
      ? { statusCode: 400, statusDesc: 'topic must not be empty' }
      : pubsubTopic
  }
  if (host.shardCount === undefined) {
    return { statusCode: 420, statusDesc: 'Pubsub topic must be specified when static sharding is enabled' }
  }
  const derived = autoshard(contentTopic, host.shardCount)
  return 'error' in derived
    ? { statusCode: 420, statusDesc: `Invalid content-topic:${derived.error}` }
    : shardTopic(host.clusterId, derived.shard)
}
