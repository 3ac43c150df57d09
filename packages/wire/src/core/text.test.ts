import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { readText } from './read-text.ts'
import { decodeText, encodeText, isLonger } from './text.ts'
import { writeText } from './write-text.ts'

const wellFormed = fc
  .string({ unit: 'binary', maxLength: 400, size: 'max' })
  .filter((text) => text.isWellFormed())

describe('text', () => {
  it('is UTF-8 where it is well-formed, a byte order mark included', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const bytes = encodeText(text)
        expect(Buffer.from(bytes)).toEqual(Buffer.from(text, 'utf8'))
        expect(decodeText(bytes)).toBe(text)
        expect(readText(bytes, 0, bytes.length)).toBe(text)
      }),
    )
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })

  it('that is no UTF-8 comes back as the bytes that it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40, size: 'max' }), (bytes) => {
        const shown = decodeText(bytes)
        expect(encodeText(shown)).toEqual(bytes)
        expect(readText(bytes, 0, bytes.length)).toBe(shown)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['anywhere', Uint8Array.of(0xff)],
    ['at every other byte', Uint8Array.of(0x61, 0xff)],
    ['beside what is', Uint8Array.of(0xf0, 0x9f, 0x98, 0x80, 0x80)],
  ])(
    'that is no UTF-8 %s costs no exception, and no more calls of the decoder the longer it is',
    (_, unit) => {
      const bytes = Uint8Array.from({ length: 10_000 }, (__, i) => unit[i % unit.length]!)
      const decode = vi.spyOn(TextDecoder.prototype, 'decode')
      try {
        expect(encodeText(decodeText(bytes))).toEqual(bytes)
        expect(decode.mock.calls.length).toBeLessThan(5)
        expect(decode.mock.results.filter(({ type }) => type === 'throw')).toEqual([])
      } finally {
        decode.mockRestore()
      }
    },
  )

  it('holds U+FFFD where that was written', () => {
    const bytes = new TextEncoder().encode('\ufffda\ufffd')
    expect(decodeText(bytes)).toBe('\ufffda\ufffd')
    expect(decodeText(Uint8Array.of(...bytes, 0xff))).toBe('\ufffda\ufffd\udcff')
  })

  it('of which some bytes are missing or wrong keeps all others', () => {
    const spoil = fc.tuple(wellFormed.map(encodeText), fc.nat(), fc.nat(255))
    fc.assert(
      fc.property(spoil, ([whole, at, value]) => {
        if (whole.length === 0) return
        for (const bytes of [whole.with(at % whole.length, value), whole.subarray(at % whole.length)]) {
          const shown = decodeText(bytes)
          expect(encodeText(shown)).toEqual(bytes)
          // Bytes that cannot be shown are escaped one by one, as Python does.
          for (const escaped of shown.matchAll(/[\ud800-\udfff]/gu))
            expect(escaped[0]).toMatch(/[\udc80-\udcff]/u)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('is told apart however often it is read', () => {
    const short = fc.oneof(
      fc.string({ minLength: 1, maxLength: 12, size: 'max' }),
      fc.constantFrom('a', 'b', 'ab', 'ba'),
    )
    fc.assert(
      fc.property(fc.array(short, { maxLength: 50, size: 'max' }), (texts) => {
        for (const text of [...texts, ...texts]) {
          const bytes = encodeText(`>${text}<`)
          expect(readText(bytes, 1, bytes.length - 1)).toBe(text)
        }
      }),
    )
  })

  it('is written as it is encoded, and nothing before it is touched', () => {
    const any = fc.oneof(
      wellFormed,
      fc.string({ maxLength: 150, size: 'max' }),
      fc.uint8Array({ maxLength: 200, size: 'max' }).map((bytes) => decodeText(bytes)),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200, size: 'max' })
        .map((units) => String.fromCharCode(...units)),
    )
    fc.assert(
      fc.property(any, fc.nat(5), (text, offset) => {
        const target = new Uint8Array(offset + 3 * text.length).fill(9)
        const length = writeText(text, target, offset)
        expect(target.subarray(offset, offset + length)).toEqual(encodeText(text))
        expect(target.subarray(0, offset)).toEqual(new Uint8Array(offset).fill(9))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is written as it is encoded, whatever became of the Buffer that it was written to before', () => {
    const target = Buffer.alloc(20)
    writeText('once', target, 0)
    target.fill(9)
    expect(writeText('once', target, 1)).toBe(4)
    expect(target.toString('latin1', 0, 6)).toBe('\tonce\t')
  })

  it('is measured in bytes', () => {
    fc.assert(
      fc.property(wellFormed, fc.nat(900), (text, maxBytes) => {
        expect(isLonger(text, maxBytes)).toBe(encodeText(text).length > maxBytes)
      }),
    )
  })
})
