import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeText } from '@reliable-channels/wire'
import { decodeRequest, decodeRequestSegment, encodeRequest, encodeRequestSegment } from './request-record.ts'

describe('what is kept of a request', () => {
  it('comes back as it was', () => {
    const ids = fc.array(fc.stringMatching(/^[0-9a-f]{64}$/), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(ids, fc.boolean(), fc.boolean(), (messageIds, ephemeral, isNamed) => {
        const messageId = isNamed ? 'the hash of the payload' : messageIds[0]!
        const request = { requestId: 'r', messageId, messageIds, dataCount: messageIds.length, ephemeral }
        expect(decodeRequest('r', encodeRequest(request))).toEqual(request)
      }),
    )
  })

  it('is ephemeral by one bit of its flags, whatever the others will mean', () => {
    const request = { requestId: 'r', messageId: 'm', messageIds: ['m'], dataCount: 1, ephemeral: true }
    const record = encodeRequest(request)
    expect(decodeRequest('r', record.with(1, record[1]! | 8))).toEqual(request)
    expect(decodeRequest('r', record.with(1, 8))).toEqual({ ...request, ephemeral: false })
    expect(decodeRequest('r', encodeRequest({ ...request, told: true }))).toEqual({ ...request, told: true })
  })

  it('names all who acknowledged a segment, also a peer whose id is no UTF-8', () => {
    const names = fc.array(fc.oneof(fc.string(), fc.uint8Array().map(decodeText)), { maxLength: 5 })
    const outcomes = fc.constantFrom(undefined, 'confirmed', 'failed')
    fc.assert(
      fc.property(names, outcomes, fc.boolean(), (acknowledgedBy, outcome, abandoned) => {
        const segment = { outcome, acknowledgedBy, abandoned } as const
        expect(decodeRequestSegment(encodeRequestSegment(segment))).toEqual(segment)
      }),
    )
  })

  it('is refused when it is damaged, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        expect(() => [decodeRequest('r', bytes), decodeRequestSegment(bytes)]).not.toThrow()
      }),
    )
    expect(decodeRequest('r', Uint8Array.of(2, 0, 0, 1, 97))).toBeUndefined()
    expect(decodeRequest('r', Uint8Array.of(1, 0, 0, 2, 97))).toBeUndefined()
    expect(decodeRequestSegment(Uint8Array.of(3))).toBeUndefined()
    expect(decodeRequestSegment(Uint8Array.of(1, 10, 5, 97))).toBeUndefined()
  })
})
