import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SkewEstimate } from './skew.ts'

it('is beyond a time exactly when its median is', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 14 }), fc.nat(4), (offsets, ms) => {
      const skew = new SkewEstimate()
      for (const offset of offsets) skew.add(1000 + offset, 1000)
      const { offsetMs } = skew
      expect(skew.isBeyond(ms)).toBe(offsetMs !== undefined && Math.abs(offsetMs) > ms)
    }),
    { numRuns: 2000 },
  )
})
