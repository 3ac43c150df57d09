import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  PayloadTooLargeError,
  SegmentationOptionError,
  countSegments,
  createLayout,
  maxPayloadBytes,
} from './plan.ts'

const refusal = (payloadBytes: number, options: Parameters<typeof createLayout>[0]): PayloadTooLargeError => {
  try {
    countSegments(payloadBytes, createLayout(options))
  } catch (error) {
    if (error instanceof PayloadTooLargeError) return error
  }
  throw new Error('was not refused')
}

describe('the plan of segments', () => {
  it('leaves 128 bytes for the header and aligns chunks to 64, with and without parity', () => {
    // SEG-31
    expect(createLayout({}).chunkBytes).toBe(102_272)
    expect(createLayout({ parityRate: 0.125 }).chunkBytes).toBe(102_272)
    expect(createLayout({ segmentSizeBytes: 383 }).chunkBytes).toBe(192)
    expect(createLayout({ segmentSizeBytes: 192 }).chunkBytes).toBe(64)
  })

  it('makes no empty segment at the end of an exact multiple', () => {
    // SEG-04
    const layout = createLayout({ segmentSizeBytes: 320 })
    expect(countSegments(3 * 192, layout)).toEqual({ dataCount: 3, parityCount: 0 })
    expect(countSegments(3 * 192 + 1, layout)).toEqual({ dataCount: 4, parityCount: 0 })
    expect(countSegments(0, layout)).toEqual({ dataCount: 1, parityCount: 0 })
  })

  it('has no parity unless asked for', () => {
    // RSP-01 RSP-15
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 26_181_632 }), (length) => {
        expect(countSegments(length, createLayout({})).parityCount).toBe(0)
        expect(countSegments(length, createLayout({ parityRate: 0 })).parityCount).toBe(0)
      }),
    )
  })

  it('rounds parity up, never beyond the data, and gives a single segment one', () => {
    // RSP-03
    const parity = (dataCount: number, parityRate: number): number =>
      countSegments(dataCount * 192, createLayout({ segmentSizeBytes: 320, parityRate })).parityCount
    expect(parity(1, 0.000_001)).toBe(1)
    expect(parity(1, 1)).toBe(1)
    expect(parity(8, 0.125)).toBe(1)
    expect(parity(9, 0.125)).toBe(2)
    expect(parity(10, 0.3)).toBe(3)
    expect(parity(11, 0.1)).toBe(2)
    expect(parity(128, 1)).toBe(128)
    expect(parity(1, 0.000_000_1)).toBe(0)
  })

  it('lets data and parity together be 256, and no more', () => {
    // SEG-12
    const options = { segmentSizeBytes: 320, parityRate: 0.125 }
    expect(countSegments(227 * 192, createLayout(options))).toEqual({ dataCount: 227, parityCount: 29 })
    expect(maxPayloadBytes(options)).toBe(227 * 192)
    expect(maxPayloadBytes({ segmentSizeBytes: 320 })).toBe(256 * 192)
    expect(maxPayloadBytes()).toBe(26_181_632)
    expect(() => countSegments(227 * 192 + 1, createLayout(options))).toThrow(PayloadTooLargeError)
  })

  it('names the largest payload and the segment size that would do', () => {
    const error = refusal(30_000_000, {})
    expect(error.code).toBe('ERR_PAYLOAD_TOO_LARGE')
    expect(error.message).toBe(
      'payload expected at most 26181632 bytes (segmentSizeBytes 102400, parityRate 0), got 30000000; ' +
        'use segmentSizeBytes of at least 117376, or split it',
    )
    expect(refusal(101, { dialect: 'raw', segmentSizeBytes: 100 }).neededSegmentSizeBytes).toBe(101)
    expect(refusal(2 ** 32, {}).neededSegmentSizeBytes).toBeUndefined()
    expect(refusal(2 ** 32, {}).message).toMatch(/got 4294967296; split it$/)
  })

  it('names the smallest size that would really do', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 192, max: 5_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 10_000_000 }),
        (segmentSizeBytes, parityRate, beyond) => {
          const payloadBytes = maxPayloadBytes({ segmentSizeBytes, parityRate }) + beyond
          const needed = refusal(payloadBytes, { segmentSizeBytes, parityRate }).neededSegmentSizeBytes!
          expect(maxPayloadBytes({ segmentSizeBytes: needed, parityRate })).toBeGreaterThanOrEqual(
            payloadBytes,
          )
          expect(maxPayloadBytes({ segmentSizeBytes: needed - 1, parityRate })).toBeLessThan(payloadBytes)
        },
      ),
    )
  })

  it('refuses options out of range and says what was expected', () => {
    expect(() => createLayout({ segmentSizeBytes: 191 })).toThrow(
      '"segmentSizeBytes" expected an integer from 192 to 4294967295, got 191',
    )
    expect(() => createLayout({ segmentSizeBytes: 300.5 })).toThrow(SegmentationOptionError)
    expect(() => createLayout({ segmentSizeBytes: 0, dialect: 'raw' })).toThrow(SegmentationOptionError)
    expect(() => createLayout({ parityRate: -0.1 })).toThrow(
      '"parityRate" expected a number from 0 to 1, got -0.1',
    )
    expect(() => createLayout({ parityRate: 1.1 })).toThrow(SegmentationOptionError)
    expect(() => createLayout({ parityRate: Number.NaN })).toThrow(SegmentationOptionError)
    expect(() => createLayout({ dialect: 'nim' as never })).toThrow(
      `"dialect" expected 'current', 'lip-243' or 'raw', got "nim"`,
    )
  })
})
