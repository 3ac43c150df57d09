import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdCache } from './id-cache.ts'
import { Packer, Unpacker, isPacked } from './packing.ts'
import { decodeText } from '@reliable-channels/wire'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }).map((one) => one.toWellFormed()),
  fc.uint8Array({ maxLength: 200 }).map(decodeText),
  fc.stringMatching(/^[0-9a-f]{0,140}$/),
  fc.stringMatching(/^[0-9a-fA-F]{0,70}$/),
)

describe('packing', () => {
  it('gives back texts, integers and bytes', () => {
    const integer = fc.maxSafeNat()
    fc.assert(
      fc.property(fc.array(fc.tuple(text, integer, fc.uint8Array({ maxLength: 3_000 }))), (items) => {
        const packer = new Packer(new IdCache({ first: 1, second: 2 }))
        packer.text('what was there before')
        packer.reset()
        for (const [one, number, bytes] of items) {
          if (number % 2 === 0) packer.text(one)
          else packer.id(one)
          packer.integer(number)
          packer.raw(bytes)
        }
        const unpacker = new Unpacker(packer.bytes, 0)
        for (const [one, number, bytes] of items) {
          expect(unpacker.text()).toBe(one)
          expect(unpacker.integer()).toBe(number)
          expect(unpacker.raw(bytes.length)).toEqual(bytes)
        }
        expect(unpacker.position).toBe(packer.length)
      }),
    )
  })

  it('knows a text that was packed, and no other', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const packer = new Packer(new IdCache({ first: 1, second: 2 }))
        packer.text(one)
        expect(isPacked(one, packer.bytes, 0)).toBe(true)
        expect(isPacked(other, packer.bytes, 0)).toBe(one === other)
      }),
    )
  })

  it('takes half of its length for an id in hexadecimal', () => {
    const packer = new Packer(new IdCache({ first: 1, second: 2 }))
    const id = '0123456789abcdef'.repeat(4)
    packer.text(id)
    expect(packer.length).toBe(33)
    packer.id(id)
    expect(packer.length).toBe(66)
    const both = packer.bytes.subarray(0, 66)
    expect(both.subarray(33)).toEqual(both.subarray(0, 33))
  })
})
