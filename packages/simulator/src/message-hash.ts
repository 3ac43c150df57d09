import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { startSha256 } from './sha256.ts'

/** Fields that the hash of a message covers. */
export interface HashedMessage {
  readonly pubsubTopic: string
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly meta?: Uint8Array
  /** Nanoseconds since 1970. */
  readonly timestampNs: bigint
}

/**
 * Deterministic hash of a message (14/WAKU2-MESSAGE), lower-case hexadecimal:
 * SHA-256 of pubsub topic, payload, content topic, meta and timestamp (64 bits, big-endian).
 */
export function messageHash(message: HashedMessage): string {
  const { pubsubTopic, contentTopic, payload, meta, timestampNs } = message
  const timestamp = new Uint8Array(8)
  new DataView(timestamp.buffer).setBigInt64(0, timestampNs)
  const hash = startSha256()
    .update(utf8ToBytes(pubsubTopic))
    .update(payload)
    .update(utf8ToBytes(contentTopic))
  if (meta !== undefined) hash.update(meta)
  return bytesToHex(hash.update(timestamp).digest())
}
