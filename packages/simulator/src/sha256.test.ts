import fc from 'fast-check'
import { expect, it } from 'vitest'
import { startSha256 } from './sha256.ts'

it('gives the same hash in Node as everywhere', () => {
  const without = {}
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (parts) => {
      const digest = (scope?: object): number[] => {
        const hash = startSha256(scope)
        for (const part of parts) hash.update(part)
        return [...hash.digest()]
      }
      expect(digest()).toEqual(digest(without))
    }),
  )
})
