import { describe, expect, it } from 'vitest'
import { messageHash } from './message-hash.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

const message = {
  pubsubTopic: '/waku/2/default-waku/proto',
  contentTopic: '/waku/2/default-content/proto',
  payload: bytes('010203045445535405060708'),
  timestampNs: 0x175789bfa23f8400n,
}

// The test vectors of 14/WAKU2-MESSAGE.
// MSG-19
describe('messageHash', () => {
  it('covers a meta of 12 bytes', () => {
    expect(messageHash({ ...message, meta: bytes('73757065722d736563726574') })).toBe(
      '64cce733fed134e83da02b02c6f689814872b1a0ac97ea56b76095c3c72bfe05',
    )
  })

  it('covers a meta of 64 bytes', () => {
    expect(messageHash({ ...message, meta: Uint8Array.from({ length: 64 }, (_, i) => i) })).toBe(
      '7158b6498753313368b9af8f6e0a0a05104f68f972981da42a43bc53fb0c1b27',
    )
  })

  it('goes without a meta', () => {
    expect(messageHash(message)).toBe('a2554498b31f5bcdfcbf7fa58ad1c2d45f0254f3f8110a85588ec3cf10720fd8')
  })

  it('goes without a payload', () => {
    const meta = bytes('73757065722d736563726574')
    expect(messageHash({ ...message, payload: new Uint8Array(), meta })).toBe(
      '483ea950cb63f9b9d6926b262bb36194d3f40a0463ce8446228350bd44e96de4',
    )
  })
})
