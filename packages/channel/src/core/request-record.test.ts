import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeText } from '@reliable-channels/wire'
import {
  decodeOneRecord,
  decodeRequest,
  decodeRequestSegment,
  encodeOneRecord,
  encodeRequest,
  encodeRequestSegment,
} from './request-record.ts'

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
        const uncertain = outcome === 'failed' && !abandoned
        const segment = { outcome, uncertain, acknowledgedBy, abandoned } as const
        expect(decodeRequestSegment(encodeRequestSegment(segment))).toEqual(segment)
      }),
    )
  })

  it('of one segment is one record, of which an id that is a hash takes half', () => {
    const ids = fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), fc.string({ minLength: 1 }))
    const names = fc.array(fc.oneof(fc.string(), fc.uint8Array().map(decodeText)), { maxLength: 5 })
    const outcomes = fc.constantFrom(undefined, 'confirmed', 'failed')
    fc.assert(
      fc.property(
        ids,
        names,
        outcomes,
        fc.boolean(),
        fc.boolean(),
        (id, acknowledgedBy, outcome, is, told) => {
          const segment = { outcome, uncertain: outcome === 'failed', acknowledgedBy, abandoned: is } as const
          const message = { messageId: id, messageIds: [id], dataCount: 1, ephemeral: !is }
          const request = { requestId: 'r', ...message, ...(told && { told }), segment }
          expect(decodeOneRecord('r', encodeOneRecord(request))).toEqual(request)
        },
      ),
    )
    const segment = { outcome: undefined, uncertain: false, acknowledgedBy: [], abandoned: false }
    const one = { requestId: 'r', messageIds: [], dataCount: 1, ephemeral: false, segment }
    expect(encodeOneRecord({ ...one, messageId: 'ab'.repeat(32) })).toHaveLength(36)
  })

  it('is refused when it is damaged, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const one = Uint8Array.of(1, ...bytes)
        expect(() => [
          decodeRequest('r', bytes),
          decodeRequestSegment(bytes),
          decodeOneRecord('r', one),
        ]).not.toThrow()
      }),
    )
    expect(decodeRequest('r', Uint8Array.of(2, 0, 0, 1, 97))).toBeUndefined()
    expect(decodeRequest('r', Uint8Array.of(1, 0, 0, 2, 97))).toBeUndefined()
    for (const record of [
      [2, 0, 34, 1, 97],
      [1, 3, 34, 1, 97],
      [1, 0],
      [1, 0, 34, 2, 97],
    ])
      expect(decodeOneRecord('r', Uint8Array.of(...record))).toBeUndefined()
    expect(decodeRequestSegment(Uint8Array.of(3))).toBeUndefined()
    expect(decodeRequestSegment(Uint8Array.of(1, 10, 5, 97))).toBeUndefined()
  })
})
