import { createHash } from 'node:crypto'
import { hexOf } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import { decodeSegment, encodeSegment, segmentPayload, validateSegment } from '../src/core.ts'
import { optionsOf, payloadOf, wireVectors } from './wire-vectors.ts'

describe('segments of the reference implementation', () => {
  for (const vector of wireVectors.vectors.filter(({ segments }) => segments !== undefined)) {
    it(`are made byte for byte: ${vector.name}`, () => {
      const made = segmentPayload(payloadOf(vector.payloadBytes), optionsOf(vector))
      expect(made.map(({ payload }) => payload.length)).toEqual(vector.segments!.map(({ len }) => len))
      vector.segments!.forEach(({ hex, sha256 }, i) => {
        const { payload } = made[i]!
        if (hex === undefined) expect(createHash('sha256').update(payload).digest('hex')).toBe(sha256)
        else expect(hexOf(payload)).toBe(hex)
        expect(hexOf(encodeSegment(decodeSegment(payload)!))).toBe(hexOf(payload))
        expect(validateSegment(decodeSegment(payload)!, vector.segmentSizeBytes)).toBeUndefined()
      })
    })
  }

  for (const vector of wireVectors.vectors.filter(({ error }) => error !== undefined)) {
    it(`are refused where the reference refuses: ${vector.name}`, () => {
      expect(() => segmentPayload(payloadOf(vector.payloadBytes), optionsOf(vector))).toThrow(RangeError)
    })
  }
})

describe('segments by the text of LIP-243', () => {
  for (const vector of wireVectors.lipTextVectors.vectors) {
    it(`are made byte for byte: ${vector.name}`, () => {
      const made = segmentPayload(payloadOf(vector.payloadBytes), {
        dialect: 'lip-243',
        segmentSizeBytes: vector.segmentSize + 128,
        parityRate: vector.paritySegmentCount > 0 ? 0.125 : 0,
      })
      expect(made.map(({ payload }) => hexOf(payload))).toEqual(vector.segments.map(({ hex }) => hex))
      for (const { payload } of made) {
        expect(hexOf(encodeSegment(decodeSegment(payload)!))).toBe(hexOf(payload))
        expect(validateSegment(decodeSegment(payload)!, vector.segmentSize)).toBeUndefined()
      }
    })
  }
})
