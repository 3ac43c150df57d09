import { proto_lightpush } from '@waku/proto'

import {
  MAX_MESSAGE_BYTES,
  BAD_WIRE_TYPE,
  encodeAsNode,
  messageFault,
  missingField,
  nodeMessage,
} from './message.ts'
import type { NodeMessage } from './message.ts'
import { autoshard, shardTopic } from './topics.ts'
import { lastBytes, readFields, type FieldType } from './wire.ts'

/** Protocol ids of light push. */
export const LIGHT_PUSH_V3 = '/vac/waku/lightpush/3.0.0'
export const LIGHT_PUSH_V2 = '/vac/waku/lightpush/2.0.0-beta1'

/** Longest request read; the message in it may take 150 KiB, what is longer is refused politely. */
export const MAX_LIGHT_PUSH_BYTES: number = 2 * 1024 * 1024

/** The text of 505, which also stands for a message that the network already had. */
export const NO_PEERS = 'No peers for topic, skipping publish'
export const TOO_MANY_REQUESTS = 'Request rejected due to too many requests'
const TOO_LARGE = `Message size exceeded maximum of ${MAX_MESSAGE_BYTES} bytes`

/** The outcome of a light push, before it is put into the words of v3 or v2. */
export interface PushOutcome {
  readonly statusCode: number
  readonly statusDesc?: string
  readonly relayPeerCount?: number
}

/** What light push needs of its node. */
export interface LightPushHost {
  readonly clusterId: number
  /** Shards of the network under autosharding; `undefined` under static sharding. */
  readonly shardCount: number | undefined
  nowNs(): bigint
  /** Hands the message to filter, store and relay; returns how many relay peers took it. */
  publish(message: NodeMessage): Promise<number>
}

/** What came in, or the answer to what could not be read. */
type Parsed =
  | {
      readonly requestId: string
      readonly pubsubTopic: string | undefined
      readonly message: proto_lightpush.WakuMessage
    }
  | { readonly fault: string }

const V3_FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 20: 'bytes', 21: 'bytes' }
const V2_FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 2: 'bytes', 3: 'bytes' }
const V2_REQUEST_FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 2: 'bytes' }

/** A reply of light push v3. */
export function encodeV3(requestId: string, outcome: PushOutcome): Uint8Array {
  return proto_lightpush.LightPushResponseV3.encode({ requestId, ...outcome })
}

/** A reply of light push v2, which knows success and a text only. */
export function encodeV2(requestId: string, outcome: PushOutcome): Uint8Array {
  const isSuccess = outcome.statusCode === 200
  const info = isSuccess
    ? 'OK'
    : outcome.statusCode === 505
      ? 'not_published_to_any_peer'
      : (outcome.statusDesc ?? '')
  return proto_lightpush.PushRpc.encode({ requestId, response: { isSuccess, info } })
}

/** Answers a light push v3 request. */
export async function lightPushV3(request: Uint8Array, host: LightPushHost): Promise<Uint8Array> {
  const parsed = parseV3(request)
  if ('fault' in parsed) {
    return encodeV3('N/A', { statusCode: 400, statusDesc: `decode_rpc_failure: ${parsed.fault}` })
  }
  return encodeV3(parsed.requestId, await push(parsed.message, parsed.pubsubTopic, host))
}

/** Answers a light push v2 request. */
export async function lightPushV2(request: Uint8Array, host: LightPushHost): Promise<Uint8Array> {
  const parsed = parseV2(request)
  if ('fault' in parsed) {
    return encodeV2('N/A', { statusCode: 400, statusDesc: `decode_rpc_failure: ${parsed.fault}` })
  }
  return encodeV2(parsed.requestId, await push(parsed.message, parsed.pubsubTopic, host))
}

function parseV3(request: Uint8Array): Parsed {
  const fields = readFields(request, V3_FIELDS)
  if (fields === undefined) return { fault: BAD_WIRE_TYPE }
  const fault = embeddedFault(lastBytes(fields, 21))
  if (fault !== undefined) return { fault }
  try {
    const { requestId, pubsubTopic, message } = proto_lightpush.LightPushRequestV3.decode(request)
    return message === undefined ? { fault: missingField('message') } : { requestId, pubsubTopic, message }
  } catch {
    return { fault: BAD_WIRE_TYPE }
  }
}

function parseV2(rpc: Uint8Array): Parsed {
  const outer = readFields(rpc, V2_FIELDS)
  if (outer === undefined) return { fault: BAD_WIRE_TYPE }
  const request = lastBytes(outer, 2)
  if (request === undefined) return { fault: missingField('request') }
  const fields = readFields(request, V2_REQUEST_FIELDS)
  if (fields === undefined) return { fault: BAD_WIRE_TYPE }
  const fault = embeddedFault(lastBytes(fields, 2))
  if (fault !== undefined) return { fault }
  try {
    const { pubsubTopic, message } = proto_lightpush.PushRequest.decode(request)
    const { requestId } = proto_lightpush.PushRpc.decode(rpc)
    return message === undefined ? { fault: missingField('message') } : { requestId, pubsubTopic, message }
  } catch {
    return { fault: BAD_WIRE_TYPE }
  }
}

function embeddedFault(message: Uint8Array | undefined): string | undefined {
  return message === undefined ? missingField('message') : messageFault(message)
}

async function push(
  message: proto_lightpush.WakuMessage,
  pubsubTopic: string | undefined,
  host: LightPushHost,
): Promise<PushOutcome> {
  const topic = resolveTopic(message.contentTopic, pubsubTopic, host)
  if (typeof topic !== 'string') return topic
  const encoded = encodeAsNode(message, host.nowNs())
  if (encoded.bytes.length > MAX_MESSAGE_BYTES) return { statusCode: 420, statusDesc: TOO_LARGE }
  const relayPeerCount = await host.publish(nodeMessage(topic, encoded))
  return relayPeerCount > 0 ? { statusCode: 200, relayPeerCount } : { statusCode: 505, statusDesc: NO_PEERS }
}

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
  if (contentTopic === '') {
    return { statusCode: 400, statusDesc: 'topic must not be empty' }
  }
  if (host.shardCount === undefined) {
    return { statusCode: 420, statusDesc: 'Pubsub topic must be specified when static sharding is enabled' }
  }
  const derived = autoshard(contentTopic, host.shardCount)
  return 'error' in derived
    ? { statusCode: 420, statusDesc: `Invalid content-topic:${derived.error}` }
    : shardTopic(host.clusterId, derived.shard)
}
