import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FieldWriter } from './field-writer.ts'
import { type FieldValue, readFields } from './fields.ts'

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const sint64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const read = (bytes: Uint8Array, take: (value: FieldValue) => unknown): unknown[] | undefined => {
  const values: unknown[] = []
  return readFields(bytes, (field, value) => values.push([field, take(value)]) > 0) ? values : undefined
}

describe('fields', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(uint32, sint64, fc.uint8Array(), fc.string({ unit: 'grapheme' }), (u, s, b, t) => {
        expect(read(new FieldWriter().uint32(1, u).finish(), (value) => value.uint32())).toEqual([[1, u]])
        expect(read(new FieldWriter().sint64(16, s).finish(), (value) => value.sint64())).toEqual([[16, s]])
        expect(read(new FieldWriter().bytes(2, b).finish(), (value) => value.bytes())).toEqual([[2, b]])
        expect(read(new FieldWriter().text(53, t).finish(), (value) => value.text())).toEqual([[53, t]])
      }),
    )
  })

  it('are skipped, whatever their type', () => {
    const others = Uint8Array.of(0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x0d, 1, 2, 3, 4, 0x12, 1, 9, 0x18, 0xff, 1)
    expect(readFields(others, () => false)).toBe(true)
  })

  it.each<[string, number[]]>([
    ['an end within a tag', [0x80]],
    ['an end within a varint', [0x08, 0xff]],
    ['an endless varint', [0x08, ...Array<number>(11).fill(0xff), 1]],
    ['an end within bytes', [0x12, 5, 1, 2]],
    ['an end within a fixed number', [0x0d, 1, 2, 3]],
    ['a field 0', [0x00, 1]],
    ['a group', [0x0b, 0x0c]],
    ['an unknown wire type', [0x0f]],
    ['more fields than any message has', Array<number>(2 * 4097).fill(0x08)],
  ])('are malformed with %s', (_, bytes) => {
    expect(readFields(Uint8Array.from(bytes), () => false)).toBe(false)
  })

  it('of another type than expected make a message malformed', () => {
    const text = new FieldWriter().text(1, 'x').finish()
    const number = new FieldWriter().uint32(1, 5).finish()
    expect(read(text, (value) => value.uint32())).toBeUndefined()
    expect(read(text, (value) => value.sint64())).toBeUndefined()
    expect(read(number, (value) => value.text())).toBeUndefined()
    expect(read(number, (value) => value.bytes())).toBeUndefined()
  })

  it('are plain bytes of their own, also when read from a Buffer', () => {
    const source = Buffer.from(new FieldWriter().bytes(1, Uint8Array.of(7)).finish())
    const [[, taken]] = read(source, (value) => value.bytes()) as [[number, Uint8Array]]
    source.fill(0)
    expect(taken.constructor).toBe(Uint8Array)
    expect([...taken]).toEqual([7])
  })

  it('never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(typeof readFields(bytes, () => false)).toBe('boolean')
      }),
      { numRuns: 2000 },
    )
  })
})
