import { concat } from '@reliable-channels/wire'
import { messageHashStr } from '@waku/core'
import { proto_message } from '@waku/proto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type WireMessage,
  decodeWireMessage,
  encodeWireMessage,
  wireMessageHash,
  ownedMessage,
} from './message.ts'

const bytes = (maxLength: number, minLength = 0): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength })

const message: fc.Arbitrary<WireMessage> = fc.record(
  {
    contentTopic: fc.string({ minLength: 1, maxLength: 60 }),
    payload: bytes(300, 1),
    ephemeral: fc.boolean(),
    meta: bytes(64, 1),
    timestampNs: fc.bigInt({ min: 1n, max: 2n ** 62n }),
  },
  { requiredKeys: ['contentTopic', 'payload', 'ephemeral'] },
)

describe('a message', () => {
  // The codec of @waku/proto is the oracle.
  it('is encoded so that @waku/proto reads what was meant', () => {
    fc.assert(
      fc.property(message, (given) => {
        const read = proto_message.WakuMessage.decode(concat(encodeWireMessage(given)))
        expect(read).toMatchObject({ payload: given.payload, contentTopic: given.contentTopic, version: 0 })
        expect(read.timestamp).toBe(given.timestampNs)
        expect(read.meta).toEqual(given.meta)
        expect(read.ephemeral ?? false).toBe(given.ephemeral)
      }),
    )
  })

  it('is read as @waku/proto and the real node write it, with empty fields too', () => {
    fc.assert(
      fc.property(message, fc.boolean(), (given, likeTheRealNode) => {
        const empty = new Uint8Array()
        const proof = {
          proof: empty,
          merkleRoot: empty,
          epoch: empty,
          shareX: empty,
          shareY: empty,
          nullifier: empty,
          rlnIdentifier: empty,
        }
        const encoded = proto_message.WakuMessage.encode({
          payload: given.payload,
          contentTopic: given.contentTopic,
          version: 0,
          ...(given.timestampNs !== undefined && { timestamp: given.timestampNs }),
          ...(given.meta !== undefined && { meta: given.meta }),
          ephemeral: given.ephemeral,
          ...(likeTheRealNode && { meta: given.meta ?? empty, rateLimitProof: proof }),
        })
        expect(decodeWireMessage(encoded)).toEqual(given)
      }),
    )
  })

  it('is read as views, of which bytes of its own can be made', () => {
    fc.assert(
      fc.property(message, (given) => {
        const pieces = encodeWireMessage(given)
        const encoded = Buffer.alloc(5 * 1024).subarray(100, 100 + concat(pieces).length)
        encoded.set(concat(pieces))
        const read = decodeWireMessage(encoded)!
        const owned = ownedMessage(read)
        expect(read.payload.buffer).toBe(encoded.buffer)
        encoded.fill(0)
        expect(owned).toEqual(given)
        for (const bytes of [owned.payload, owned.meta ?? owned.payload])
          expect(bytes.constructor).toBe(Uint8Array)
      }),
    )
  })

  it('keeps no more than four times its payload in memory', () => {
    const messageIn = (bytes: number): WireMessage => ({
      contentTopic: '/a',
      payload: Buffer.alloc(bytes).subarray(10, 110),
      ephemeral: false,
    })
    for (const bytes of [110, 400]) {
      const given = messageIn(bytes)
      expect(ownedMessage(given).payload).toEqual(new Uint8Array(100))
      expect(ownedMessage(given).payload.buffer.byteLength).toBeLessThanOrEqual(400)
      expect(ownedMessage(given).payload.constructor).toBe(Uint8Array)
    }
    expect(ownedMessage(messageIn(401)).payload.buffer.byteLength).toBe(100)
    expect(ownedMessage(messageIn(20_000)).payload.buffer.byteLength).toBe(100)
  })

  // MSG-19
  it('has the hash that @waku/core gives it', () => {
    fc.assert(
      fc.property(message, fc.string({ maxLength: 30 }), (given, pubsubTopic) => {
        const expected = messageHashStr(pubsubTopic, {
          payload: given.payload,
          contentTopic: given.contentTopic,
          meta: given.meta,
          timestamp: given.timestampNs,
          version: 0,
          ephemeral: given.ephemeral,
          rateLimitProof: undefined,
        })
        expect(wireMessageHash(pubsubTopic, given)).toBe(expected)
      }),
    )
  })

  // MSG-19, MSG-28: the vectors of 14/WAKU2-MESSAGE.
  it.each([
    [
      'super-secret',
      '64cce733fed134e83da02b02c6f689814872b1a0ac97ea56b76095c3c72bfe05',
      '010203045445535405060708',
    ],
    ['64 bytes', '7158b6498753313368b9af8f6e0a0a05104f68f972981da42a43bc53fb0c1b27', undefined],
    [
      'absent',
      'a2554498b31f5bcdfcbf7fa58ad1c2d45f0254f3f8110a85588ec3cf10720fd8',
      '010203045445535405060708',
    ],
    ['super-secret', '483ea950cb63f9b9d6926b262bb36194d3f40a0463ce8446228350bd44e96de4', ''],
  ])(
    'has the hash of the specification with meta %s',
    (metaName, expected, payload = '010203045445535405060708') => {
      const metas: Record<string, Uint8Array | undefined> = {
        'super-secret': new TextEncoder().encode('super-secret'),
        '64 bytes': Uint8Array.from({ length: 64 }, (_, i) => i),
      }
      const meta = metas[metaName]
      const hash = wireMessageHash('/waku/2/default-waku/proto', {
        contentTopic: '/waku/2/default-content/proto',
        payload: Uint8Array.from(Buffer.from(payload, 'hex')),
        ephemeral: false,
        timestampNs: 0x175789bfa23f8400n,
        ...(meta !== undefined && { meta }),
      })
      expect(hash).toBe(expected)
    },
  )

  // MSG-28
  it('with a meta of more than 64 bytes is not read', () => {
    const withMeta = (length: number): Uint8Array =>
      proto_message.WakuMessage.encode({
        payload: Uint8Array.of(1),
        contentTopic: '/a',
        meta: new Uint8Array(length),
      })
    expect(decodeWireMessage(withMeta(64))?.meta).toHaveLength(64)
    expect(decodeWireMessage(withMeta(65))).toBeUndefined()
    expect(decodeWireMessage(withMeta(67))).toBeUndefined()
  })

  // Version 1 is encrypted by a scheme of the SDK.
  it('of another version is not read', () => {
    const encoded = proto_message.WakuMessage.encode({
      payload: Uint8Array.of(1),
      contentTopic: '/a',
      version: 1,
    })
    expect(decodeWireMessage(encoded)).toBeUndefined()
  })

  it('that is malformed is not read, and never throws', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), (given, at, value) => {
        const encoded = concat(encodeWireMessage(given))
        encoded[at % encoded.length] = value
        expect(() => decodeWireMessage(encoded)).not.toThrow()
        expect(() => decodeWireMessage(encoded.subarray(0, at % encoded.length))).not.toThrow()
      }),
      { numRuns: 2000 },
    )
    expect(decodeWireMessage(new Uint8Array())).toBeUndefined()
  })
})
