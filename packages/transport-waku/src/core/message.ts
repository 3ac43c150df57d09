import { sha256 } from '@noble/hashes/sha2.js'
import { MAX_META_BYTES } from '@reliable-channels/transport'
import { WireReader, WireWriter, hexOf, readFields, writeText } from '@reliable-channels/wire'

/** A message of 14/WAKU2-MESSAGE, as far as it matters here. */
export interface WireMessage {
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly ephemeral: boolean
  /** At most 64 bytes; empty and absent are the same. */
  readonly meta?: Uint8Array
  /** Nanoseconds since 1970; absent in a message that nobody has stamped. */
  readonly timestampNs?: bigint
}

/**
 * Encodes a message as `@waku/sdk` does, field by field in ascending order.
 *
 * @returns Pieces of it, of which the payload is one, not copied.
 */
export function encodeWireMessage({
  payload,
  contentTopic,
  timestampNs,
  meta,
  ephemeral,
}: WireMessage): readonly [head: Uint8Array, payload: Uint8Array, rest: Uint8Array] {
  const head = new WireWriter().bytesHead(1, payload.length).finish()
  const rest = new WireWriter().text(2, contentTopic).varint(3, 0)
  if (timestampNs !== undefined) rest.sint64(10, timestampNs)
  if (meta !== undefined && meta.length > 0) rest.bytes(11, meta)
  if (ephemeral) rest.varint(31, 1)
  return [head, payload, rest.finish()]
}

/** Field numbers × 8 + wire types. */
const TAG = { payload: 10, contentTopic: 18, version: 24, timestamp: 80, meta: 90, ephemeral: 248 } as const

/**
 * Reads a message, whose bytes are views: see {@link ownedMessage}.
 *
 * @returns `undefined` for what is malformed or has a `meta` of more than 64 bytes, and for versions other than 0, whose
 *   payload is encrypted.
 */
export function decodeWireMessage(bytes: Uint8Array): WireMessage | undefined {
  let payload: Uint8Array | undefined
  let contentTopic: string | undefined
  let version = 0
  let timestampNs: bigint | undefined
  let meta: Uint8Array | undefined
  let ephemeral = false
  const reader = new WireReader(bytes)
  const wellFormed = readFields(reader, (tag) => {
    if (tag === TAG.payload) payload = reader.view()
    else if (tag === TAG.contentTopic) contentTopic = reader.text()
    else if (tag === TAG.version) version = reader.uint32()
    else if (tag === TAG.timestamp) timestampNs = reader.sint64()
    else if (tag === TAG.meta) meta = reader.view()
    else if (tag === TAG.ephemeral) ephemeral = reader.uint32() !== 0
    else return false
    return true
  })
  if (!wellFormed || payload === undefined || contentTopic === undefined || version !== 0) return undefined
  if (meta !== undefined && meta.length > MAX_META_BYTES) return undefined
  return {
    contentTopic,
    payload,
    ephemeral,
    ...(meta !== undefined && meta.length > 0 && { meta }),
    ...(timestampNs !== undefined && { timestampNs }),
  }
}

/** How many times its own size a view of bytes may keep in memory. */
const MAX_KEPT = 4

/**
 * A message whose bytes are plain arrays, whatever they were read from. They are its own unless they make up most of what
 * was read, which then stays in memory with them.
 */
export function ownedMessage(message: WireMessage): WireMessage {
  const { payload, meta } = message
  return {
    ...message,
    payload: plainBytes(payload),
    ...(meta !== undefined && { meta: new Uint8Array(meta) }),
  }
}

function plainBytes(view: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = view
  return buffer.byteLength > MAX_KEPT * length
    ? new Uint8Array(view)
    : new Uint8Array(buffer, byteOffset, length)
}

/** SHA-256 of bytes that come in parts, lower-case hexadecimal. */
export type Sha256 = (parts: readonly Uint8Array[]) => string

/** {@link Sha256} that runs everywhere. */
export const portableSha256: Sha256 = (parts) => {
  const hash = sha256.create()
  for (const part of parts) hash.update(part)
  return hexOf(hash.digest())
}

const TIMESTAMP_BYTES = 8
let around = new Uint8Array(512)

/**
 * Deterministic hash of a message (14/WAKU2-MESSAGE), lower-case hexadecimal: SHA-256 of pubsub topic, payload,
 * content topic, meta and timestamp (64 bits, big-endian; left out when there is none, as `@waku/core` does).
 */
export function wireMessageHash(
  pubsubTopic: string,
  message: WireMessage,
  hash: Sha256 = portableSha256,
): string {
  const { payload, contentTopic, meta, timestampNs = 0n } = message
  // The fields before and after the payload, in one array that is used for one message after the other.
  const room = 3 * (pubsubTopic.length + contentTopic.length) + (meta?.length ?? 0) + TIMESTAMP_BYTES
  if (around.length < room) around = new Uint8Array(2 * room)
  const middle = writeText(pubsubTopic, around, 0)
  let end = middle + writeText(contentTopic, around, middle)
  if (meta !== undefined) {
    around.set(meta, end)
    end += meta.length
  }
  if (timestampNs !== 0n) {
    new DataView(around.buffer).setBigInt64(end, timestampNs)
    end += TIMESTAMP_BYTES
  }
  return hash([around.subarray(0, middle), payload, around.subarray(middle, end)])
}
