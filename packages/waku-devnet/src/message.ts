import { createHash } from 'node:crypto'

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { proto_message } from '@waku/proto'

import { fieldHead, splitFields, type FieldType } from './wire.ts'

/** Longest message that a service node takes, counted on its own encoding (150 KiB). @limit It is refused. */
export const MAX_MESSAGE_BYTES = 153_600

/** Longest `meta` in bytes. @limit The message is refused. */
export const MAX_META_BYTES = 64

/** A message as a service node holds it. */
export interface NodeMessage {
  readonly pubsubTopic: string
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly meta: Uint8Array
  /** Nanoseconds since 1970. */
  readonly timestamp: bigint
  readonly ephemeral: boolean
  /** Deterministic message hash, 14/WAKU2-MESSAGE, 32 bytes. */
  readonly hash: Uint8Array
  readonly hashHex: string
  /** The encoded `WakuMessage`, with every optional field written, as the real node writes it. */
  readonly bytes: Uint8Array
}

const FIELDS: Readonly<Record<number, FieldType>> = {
  1: 'bytes',
  2: 'bytes',
  3: 'varint',
  10: 'varint',
  11: 'bytes',
  21: 'bytes',
  31: 'varint',
}

/** The text with which the real node refuses what it cannot decode. */
export const BAD_WIRE_TYPE = '(kind: DecodeFailure, error: BadWireType)'

/** Why an encoded message is refused before it is looked at, in the real node's words. */
export function messageFault(message: Uint8Array): string | undefined {
  const fields = splitFields(message, FIELDS)
  if (fields === undefined) return BAD_WIRE_TYPE
  if (!fields.some((field) => field.number === 1)) return missingField('payload')
  if (!fields.some((field) => field.number === 2)) return missingField('content_topic')
  const meta = fields.findLast((field) => field.number === 11)?.bytes
  if (meta !== undefined && meta.length > MAX_META_BYTES) return '(kind: InvalidLengthField, field: "meta")'
  return undefined
}

/** The real node's text for a required field that is not there. */
export function missingField(name: string): string {
  return `(kind: MissingRequiredField, field: "${name}")`
}

/** A message with every field filled in, and its bytes. */
export interface EncodedMessage {
  readonly complete: Required<proto_message.WakuMessage>
  readonly bytes: Uint8Array
}

const EMPTY = new Uint8Array()
const NO_PROOF: proto_message.RateLimitProof = {
  proof: EMPTY,
  merkleRoot: EMPTY,
  epoch: EMPTY,
  shareX: EMPTY,
  shareY: EMPTY,
  nullifier: EMPTY,
  rlnIdentifier: EMPTY,
}

/** Stamps a message that has no time and fills in what else is missing. */
export function complete(message: proto_message.WakuMessage, nowNs: bigint): EncodedMessage['complete'] {
  const { timestamp = 0n } = message
  return {
    payload: message.payload,
    contentTopic: message.contentTopic,
    version: message.version ?? 0,
    timestamp: timestamp === 0n ? nowNs : timestamp,
    meta: message.meta === undefined ? EMPTY : new Uint8Array(message.meta),
    rateLimitProof: message.rateLimitProof ?? NO_PROOF,
    ephemeral: message.ephemeral ?? false,
  }
}

/** Encodes as the real node does, which writes every field, empty or not; codecs of JavaScript do not. */
export function encodeAsNode(message: EncodedMessage['complete']): EncodedMessage {
  const { payload } = message
  const rest = new BinaryWriter()
    .tag(2, WireType.LengthDelimited)
    .string(message.contentTopic)
    .tag(3, WireType.Varint)
    .uint32(message.version)
    .tag(10, WireType.Varint)
    .sint64(message.timestamp)
    .tag(11, WireType.LengthDelimited)
    .bytes(message.meta)
    .tag(21, WireType.LengthDelimited)
    .bytes(proto_message.RateLimitProof.encode(message.rateLimitProof))
    .tag(31, WireType.Varint)
    .bool(message.ephemeral)
    .finish()
  const head = fieldHead(1, payload)
  // Copied once, which the writer would do three times.
  const bytes = new Uint8Array(head.length + payload.length + rest.length)
  const end = head.length + payload.length
  bytes.set(head)
  bytes.set(payload, head.length)
  bytes.set(rest, end)
  // A message that is kept must not hold on to the chunk that it was read from.
  return { complete: { ...message, payload: bytes.subarray(head.length, end) }, bytes }
}

/** A complete message on a topic, with its hash. */
export function nodeMessage(pubsubTopic: string, { complete: message, bytes }: EncodedMessage): NodeMessage {
  const { contentTopic, payload, meta, timestamp, ephemeral } = message
  const hash = messageHash(pubsubTopic, message)
  return {
    pubsubTopic,
    contentTopic,
    payload,
    meta,
    timestamp,
    ephemeral,
    hash,
    hashHex: Buffer.from(hash).toString('hex'),
    bytes,
  }
}

/** Reads what another node gossips; `undefined` for what no honest node would send. */
export function decodeGossip(pubsubTopic: string, data: Uint8Array, nowNs: bigint): NodeMessage | undefined {
  if (data.length > MAX_MESSAGE_BYTES || messageFault(data) !== undefined) return undefined
  try {
    // A copy: what is kept must not hold on to the chunk that it was read from.
    const bytes = new Uint8Array(data)
    return nodeMessage(pubsubTopic, {
      complete: complete(proto_message.WakuMessage.decode(bytes), nowNs),
      bytes,
    })
  } catch {
    return undefined
  }
}

/** SHA-256 of topic ‖ payload ‖ content topic ‖ meta ‖ timestamp as a big-endian int64 (14/WAKU2-MESSAGE). */
function messageHash(
  pubsubTopic: string,
  message: Pick<NodeMessage, 'payload' | 'contentTopic' | 'meta' | 'timestamp'>,
): Uint8Array {
  const timestamp = Buffer.alloc(8)
  timestamp.writeBigInt64BE(message.timestamp)
  const digest = createHash('sha256')
    .update(pubsubTopic)
    .update(message.payload)
    .update(message.contentTopic)
    .update(message.meta)
    .update(timestamp)
    .digest()
  return new Uint8Array(digest)
}

/**
 * Size of the gossip RPC that would carry the message. Above {@link MAX_MESSAGE_BYTES} the real node
 * drops it silently, after having counted its peers.
 */
export function gossipRpcBytes(message: NodeMessage): number {
  const topicBytes = Buffer.byteLength(message.pubsubTopic)
  const inner = delimited(topicBytes) + delimited(message.bytes.length)
  return delimited(inner)
}

function delimited(length: number): number {
  let prefix = 1
  for (let rest = length; rest >= 0x80; rest >>>= 7) prefix++
  return 1 + prefix + length
}
