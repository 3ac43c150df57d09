import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { concat } from './concat.ts'
import { equalBytes } from './equal-bytes.ts'
import { hexOf, isHexOf, parseHex, writeHex } from './hex.ts'

const bytes = fc.uint8Array({ maxLength: 600 })
const anyText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.stringMatching(/^[0-9a-gA]{0,20}$/),
  // Digits in their lower byte only.
  fc
    .array(fc.constantFrom(0x30, 0x61, 0x130, 0x261, 0xff30), { maxLength: 8 })
    .map((all) => String.fromCharCode(...all)),
)

describe('hexadecimal', () => {
  it('says the bytes, all of them or some', () => {
    fc.assert(
      fc.property(bytes, fc.nat(600), fc.nat(600), (all, a, b) => {
        expect(hexOf(all)).toBe(Buffer.from(all).toString('hex'))
        const [start, end] = [a, b].map((at) => Math.min(at, all.length)).sort((x, y) => x - y) as [
          number,
          number,
        ]
        expect(hexOf(all, start, end)).toBe(Buffer.from(all.subarray(start, end)).toString('hex'))
        expect(parseHex(hexOf(all))).toEqual(all)
        expect(isHexOf(hexOf(all, start, end), all, start)).toBe(true)
      }),
    )
  })

  it('is not of bytes that are not there', () => {
    expect(isHexOf('0000', new Uint8Array(1), 0)).toBe(false)
    expect(isHexOf('00', new Uint8Array(1), 1)).toBe(false)
    expect(isHexOf('', new Uint8Array(0), 0)).toBe(true)
  })

  it('is of pairs of the digits 0–9 and a–f, and nothing else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const isHex = /^([0-9a-f]{2})*$/.test(text)
        expect(parseHex(text)).toEqual(isHex ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined)
        const target = new Uint8Array(20).fill(9)
        expect(writeHex(text, target, 2)).toBe(isHex)
        expect([target[0], target[1]]).toEqual([9, 9])
        if (isHex) expect(isHexOf(text, target, 2)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('bytes', () => {
  it('are equal when nothing differs', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (all, at) => {
        expect(equalBytes(all, all.slice())).toBe(true)
        expect(equalBytes(all, concat([all, Uint8Array.of(0)]))).toBe(false)
        if (all.length === 0) return
        const place = at % all.length
        expect(equalBytes(all, all.with(place, all[place]! ^ 1))).toBe(false)
      }),
    )
  })

  it('in pieces come together in an array of their own', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (pieces) => {
        const whole = concat(pieces)
        expect(Buffer.compare(whole, Buffer.concat(pieces))).toBe(0)
        expect(pieces.every(({ buffer }) => buffer !== whole.buffer)).toBe(true)
      }),
    )
  })
})
