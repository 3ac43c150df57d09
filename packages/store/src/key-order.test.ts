import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareKeys } from './key-order.ts'

describe('compareKeys', () => {
  it('orders as the UTF-8 bytes of the keys do', () => {
    const key = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      {
        examples: [
          ['\u{10000}', '\uffff'],
          ['\ue000', '\ud7ff'],
          ['\u{10ffff}', '\u{10000}'],
          ['a', 'ab'],
          ['', ''],
        ],
      },
    )
  })
})
