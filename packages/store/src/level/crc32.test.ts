import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'

describe('crc32', () => {
  it('has the check value of CRC-32/ISO-HDLC', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })

  it('agrees with zlib, in one piece and in two', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
        const whole = Uint8Array.from([...a, ...b])
        const expected = zlibCrc32(whole)
        expect(crc32(whole)).toBe(expected)
        expect(crc32(b, 0, crc32(a))).toBe(expected)
        expect(crc32(whole, a.length)).toBe(zlibCrc32(b))
      }),
    )
  })
})
