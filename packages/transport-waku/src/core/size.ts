import { MAX_META_BYTES } from '@reliable-channels/transport'
import { encodeText } from '@reliable-channels/wire'

import type { WireMessage } from './message.ts'

/**
 * The network's limit, bytes (150 KiB): on a message as a service node encodes it, and on the gossip that carries it.
 * @limit A larger one is refused.
 */
export const MAX_GOSSIP_BYTES = 153_600

/** A timestamp of this century in nanoseconds, as a zigzag varint. */
const TIMESTAMP_BYTES = 9
/** Bytes that a service node writes even when it is empty or 0: version, rate limit proof, ephemeral. */
const ALWAYS_WRITTEN_BYTES = 2 + 3 + 3

/** Names as long as these fit beside a payload of {@link MAX_PAYLOAD_BYTES}. */
const ROOM_FOR_CONTENT_TOPIC = 256
const ROOM_FOR_PUBSUB_TOPIC = 64

/**
 * Size of the gossip message that would carry a message over the network.
 *
 * A service node counts its own encoding, which writes empty fields too, and refuses more than 150 KiB (420).
 * From some 30 bytes below that on it says 200 and loses the message without a word, because gossip's envelope
 * no longer fits. This is the size with that envelope.
 */
export function gossipBytes(pubsubTopic: string, message: WireMessage): number {
  return sizeOf(
    encodeText(pubsubTopic).length,
    encodeText(message.contentTopic).length,
    message.payload.length,
    message.meta?.length ?? 0,
  )
}

function sizeOf(pubsubTopic: number, contentTopic: number, payload: number, meta: number): number {
  const message =
    delimited(payload) +
    delimited(contentTopic) +
    1 +
    TIMESTAMP_BYTES +
    delimited(meta) +
    ALWAYS_WRITTEN_BYTES
  return delimited(delimited(message) + delimited(pubsubTopic))
}

/** A field with one byte of tag, its length and its content. The tags of proof and ephemeral have two, counted above. */
function delimited(length: number): number {
  let prefix = 1
  for (let rest = length; rest >= 0x80; rest >>>= 7) prefix++
  return 1 + prefix + length
}

/** Largest payload that the network carries beside a `meta` of 64 bytes and a content topic of 256, bytes. */
export const MAX_PAYLOAD_BYTES: number =
  MAX_GOSSIP_BYTES -
  (sizeOf(ROOM_FOR_PUBSUB_TOPIC, ROOM_FOR_CONTENT_TOPIC, MAX_GOSSIP_BYTES, MAX_META_BYTES) - MAX_GOSSIP_BYTES)
