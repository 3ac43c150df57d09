import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'
import { decodeStored, encodeStored } from './entry-format.ts'

const key = new TextEncoder().encode('channel/lamport')
const value = Uint8Array.from({ length: 40 }, (_, i) => i * 7)

describe('the format of an entry', () => {
  it('gives back what was put in, as a plain Uint8Array of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (anyKey, anyValue) => {
        const stored = Buffer.from(encodeStored(anyKey, anyValue))
        const decoded = decodeStored(anyKey, stored) as Uint8Array
        expect(decoded).toEqual(anyValue)
        expect(decoded.constructor).toBe(Uint8Array)
        stored.fill(0xff)
        expect(decoded).toEqual(anyValue)
      }),
    )
  })

  it('detects every entry that is cut short', () => {
    const stored = encodeStored(key, value)
    for (let length = 0; length < stored.length; length++) {
      expect(decodeStored(key, stored.subarray(0, length))).toBe(length < 5 ? 'truncated' : 'checksum')
    }
  })

  it('detects every flipped bit', () => {
    const stored = encodeStored(key, value)
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const flipped = stored.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeStored(key, flipped), `bit ${bit}`).toBe('checksum')
    }
  })

  it('detects an entry that stands under another key', () => {
    expect(decodeStored(new TextEncoder().encode('channel/lamporu'), encodeStored(key, value))).toBe(
      'checksum',
    )
  })

  it('refuses a sound entry of a newer format, instead of taking it for a broken one', () => {
    const stored = encodeStored(key, value)
    stored[0] = 2
    const crc = crc32(value, 0, crc32(key, 0, crc32(Uint8Array.of(2))))
    new DataView(stored.buffer).setUint32(1, crc, true)
    expect(() => decodeStored(key, stored)).toThrow(expect.objectContaining({ code: 'ERR_STORE_FORMAT' }))
  })
})
