import { MAX_META_BYTES } from '@reliable-channels/transport'
import { concat } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'

import { encodeWireMessage } from './message.ts'
import { MAX_GOSSIP_BYTES, MAX_PAYLOAD_BYTES, gossipBytes } from './size.ts'

const timestampNs = 1_750_000_000_000_000_000n
/** A pubsub topic of fifteen characters. */
const PUBSUB_TOPIC = '/waku/2/rs/66/0'

/** A message whose encoding by @waku/sdk is so long. */
function ofEncodedSize(
  size: number,
  more: { meta?: Uint8Array; ephemeral?: boolean } = {},
): Parameters<typeof gossipBytes>[1] {
  const make = (length: number): Parameters<typeof gossipBytes>[1] => ({
    contentTopic: '/size/1/test/proto',
    payload: new Uint8Array(length),
    ephemeral: false,
    timestampNs,
    ...more,
  })
  // The SDK writes `ephemeral` also when it is false, which is two bytes of tag and one of value.
  const written = (length: number): number => concat(encodeWireMessage(make(length))).length
  return make(size - (written(size) - size))
}

describe('the size of a message', () => {
  // Found by bisection at a real node with messages of the SDK: 153,567 bytes arrived at its neighbour, 153,568 did not.
  it('fits exactly as long as the real network carries it', () => {
    expect(gossipBytes(PUBSUB_TOPIC, ofEncodedSize(153_567))).toBe(MAX_GOSSIP_BYTES)
    expect(gossipBytes(PUBSUB_TOPIC, ofEncodedSize(153_568))).toBe(MAX_GOSSIP_BYTES + 1)
  })

  it('leaves room for the longest meta and a content topic of 256 bytes in maxMessageBytes', () => {
    const message = {
      contentTopic: `/${'x'.repeat(255)}`,
      payload: new Uint8Array(MAX_PAYLOAD_BYTES),
      ephemeral: true,
      meta: new Uint8Array(MAX_META_BYTES),
      timestampNs,
    }
    const size = gossipBytes('/waku/2/rs/65535/1023', message)
    expect(size).toBeLessThanOrEqual(MAX_GOSSIP_BYTES)
    expect(size).toBeGreaterThan(MAX_GOSSIP_BYTES - 100)
  })
})
