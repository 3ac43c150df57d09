import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

import { MAX_META_BYTES } from '@reliable-channels/transport'

import { FieldWriter } from './field-writer.ts'
import { readFields } from './fields.ts'

/** A message of 14/WAKU2-MESSAGE, as far as it matters here. */
export interface WireMessage {
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly ephemeral: boolean
  /** At most 64 bytes; empty and absent are the same. */
  readonly meta?: Uint8Array
  /** Nanoseconds since 1970; absent in what no service node has stamped. */
  readonly timestampNs?: bigint
}

/** Encodes a message as `@waku/sdk` does, field by field in ascending order. */
export function encodeMessage({
  payload,
  contentTopic,
  timestampNs,
  meta,
  ephemeral,
}: WireMessage): Uint8Array {
  const writer = new FieldWriter().bytes(1, payload).text(2, contentTopic).uint32(3, 0)
  if (timestampNs !== undefined) writer.sint64(10, timestampNs)
  if (meta !== undefined && meta.length > 0) writer.bytes(11, meta)
  if (ephemeral) writer.bool(31, true)
  return writer.finish()
}

/** Reads a message; `undefined` for what is malformed or has a `meta` of more than 64 bytes, and for versions other than 0, whose payload is encrypted. */
export function decodeMessage(bytes: Uint8Array): WireMessage | undefined {
  let payload: Uint8Array | undefined
  let contentTopic: string | undefined
  let version = 0
  let timestampNs: bigint | undefined
  let meta: Uint8Array | undefined
  let ephemeral = false
  const wellFormed = readFields(bytes, (field, value) => {
    if (field === 1) payload = value.bytes()
    else if (field === 2) contentTopic = value.text()
    else if (field === 3) version = value.uint32()
    else if (field === 10) timestampNs = value.sint64()
    else if (field === 11) meta = value.bytes()
    else if (field === 31) ephemeral = value.uint32() !== 0
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

/** SHA-256 of bytes that come in parts, lower-case hexadecimal. */
export type Sha256 = (parts: readonly Uint8Array[]) => string

/** {@link Sha256} that runs everywhere. */
export const portableSha256: Sha256 = (parts) => {
  const hash = sha256.create()
  for (const part of parts) hash.update(part)
  return bytesToHex(hash.digest())
}

/**
 * Deterministic hash of a message (14/WAKU2-MESSAGE), lower-case hexadecimal: SHA-256 of pubsub topic, payload,
 * content topic, meta and timestamp (64 bits, big-endian; left out when there is none, as `@waku/core` does).
 */
export function messageHash(
  pubsubTopic: string,
  message: WireMessage,
  hash: Sha256 = portableSha256,
): string {
  const parts = [utf8ToBytes(pubsubTopic), message.payload, utf8ToBytes(message.contentTopic)]
  if (message.meta !== undefined) parts.push(message.meta)
  if (message.timestampNs !== undefined && message.timestampNs !== 0n) {
    const timestamp = new Uint8Array(8)
    new DataView(timestamp.buffer).setBigInt64(0, message.timestampNs)
    parts.push(timestamp)
  }
  return hash(parts)
}
