import { concat } from '@reliable-channels/wire'
import { proto_filter_v2, proto_lightpush, proto_store } from '@waku/proto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeFilterRequest } from './filter-codec.ts'
import { encodeLightPush } from './light-push-codec.ts'
import { type WireMessage, wireMessageHash } from './message.ts'
import { decodeStatus } from './status.ts'
import { decodeStorePage, encodeStoreQuery } from './store-codec.ts'

const TOPIC = '/waku/2/rs/66/0'
const message: WireMessage = {
  contentTopic: '/a/1/b/proto',
  payload: Uint8Array.of(1, 2, 3),
  ephemeral: false,
  meta: Uint8Array.of(9),
  timestampNs: 1_750_000_000_123_456_789n,
}
const hash = wireMessageHash(TOPIC, message)
const key = Uint8Array.from(Buffer.from(hash, 'hex'))

describe('requests, as @waku/proto reads them', () => {
  it('light push', () => {
    const read = proto_lightpush.LightPushRequestV3.decode(concat(encodeLightPush('id', TOPIC, message)))
    expect(read).toMatchObject({ requestId: 'id', pubsubTopic: TOPIC })
    expect(read.message?.timestamp).toBe(message.timestampNs)
  })

  it('filter', () => {
    const { FilterSubscribeRequest } = proto_filter_v2
    const topics = { pubsubTopic: TOPIC, contentTopics: ['/a/1/b/c', '/d/1/e/f'] }
    const decode = (request: Parameters<typeof encodeFilterRequest>[1]): unknown =>
      FilterSubscribeRequest.decode(encodeFilterRequest('id', request))
    expect(decode({ type: 'ping' })).toMatchObject({
      requestId: 'id',
      filterSubscribeType: 'SUBSCRIBER_PING',
    })
    expect(decode({ type: 'subscribe', ...topics })).toMatchObject({
      filterSubscribeType: 'SUBSCRIBE',
      ...topics,
    })
    expect(decode({ type: 'unsubscribe', ...topics })).toMatchObject({
      filterSubscribeType: 'UNSUBSCRIBE',
      ...topics,
    })
  })

  it('store', () => {
    const query = {
      pubsubTopic: TOPIC,
      contentTopic: '/a/1/b/c',
      sinceNs: 123_456_789_012_345_678n,
      hashes: [hash],
      cursor: hash,
      limit: 20,
      includeData: true,
    }
    expect(proto_store.StoreQueryRequest.decode(encodeStoreQuery('id', query))).toEqual({
      requestId: 'id',
      includeData: true,
      pubsubTopic: TOPIC,
      contentTopics: ['/a/1/b/c'],
      timeStart: query.sinceNs,
      messageHashes: [key],
      paginationCursor: key,
      paginationForward: true,
      paginationLimit: 20n,
    })
  })
})

describe('replies, as @waku/proto writes them', () => {
  it('a status', () => {
    const reply = proto_lightpush.LightPushResponseV3.encode({
      requestId: 'id',
      statusCode: 505,
      statusDesc: 'No peers',
      relayPeerCount: 0,
    })
    expect(decodeStatus(reply)).toEqual({ code: 505, text: 'No peers' })
  })

  const page = (messageHash_: Uint8Array, rows = 1): Uint8Array =>
    proto_store.StoreQueryResponse.encode({
      requestId: 'id',
      statusCode: 200,
      statusDesc: 'OK',
      messages: Array.from({ length: rows }, () => ({
        messageHash: messageHash_,
        pubsubTopic: TOPIC,
        message: {
          payload: message.payload,
          contentTopic: message.contentTopic,
          version: 0,
          timestamp: message.timestampNs!,
          meta: message.meta!,
          ephemeral: false,
        },
      })),
      paginationCursor: key,
    })

  it('a page of a store', () => {
    expect(decodeStorePage(page(key), TOPIC)).toEqual({
      status: { code: 200, text: 'OK' },
      rows: [{ hash, message }],
      cursor: hash,
    })
  })

  it('a page whose message is not what its hash stands for, or of another topic, has the hash alone', () => {
    const wrong = new Uint8Array(32).fill(7)
    expect(decodeStorePage(page(wrong), TOPIC)?.rows).toEqual([{ hash: '07'.repeat(32) }])
    expect(decodeStorePage(page(key), '/waku/2/rs/66/1')?.rows).toEqual([{ hash }])
    expect(decodeStorePage(page(key))?.rows).toEqual([{ hash, message }])
  })

  it('a page with more than 100 rows, or hashes of another length, is refused', () => {
    expect(decodeStorePage(page(key, 100), TOPIC)?.rows).toHaveLength(100)
    expect(decodeStorePage(page(key, 101), TOPIC)).toBeUndefined()
    expect(decodeStorePage(page(key.subarray(1)), TOPIC)).toBeUndefined()
  })

  it('anything else is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat(255), (garbage, at, value) => {
        const spoiled = page(key)
        spoiled[at % spoiled.length] = value
        for (const bytes of [garbage, spoiled, spoiled.subarray(0, at % spoiled.length)]) {
          expect(() => [decodeStatus(bytes), decodeStorePage(bytes, TOPIC)]).not.toThrow()
        }
      }),
      { numRuns: 3000 },
    )
    expect(decodeStatus(new Uint8Array())).toBeUndefined()
  })
})
