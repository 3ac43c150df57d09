import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { highHalf, lowHalf, uint64Of } from './uint64.ts'

describe('64-bit integers', () => {
  it('are the bits that they were, and no bigint below 2⁵³', () => {
    const values = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.constantFrom(0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
    )
    fc.assert(
      fc.property(values, (value) => {
        const number = uint64Of(Number(value >> 32n), Number(value & 0xffff_ffffn))
        expect(BigInt(number)).toBe(value)
        expect((BigInt(highHalf(number)) << 32n) | BigInt(lowHalf(number))).toBe(value)
        expect(typeof number).toBe(value <= BigInt(Number.MAX_SAFE_INTEGER) ? 'number' : 'bigint')
      }),
    )
  })
})
