import fc from 'fast-check'
import { expect, it } from 'vitest'

import { RecentHashes } from './recent-hashes.ts'

it('remembers the latest so many, as a plain list does', () => {
  const entries = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), entries, (capacity, added) => {
      const recent = new RecentHashes(capacity)
      let list: string[] = []
      for (const entry of added.map(String)) {
        expect(recent.add(entry)).toBe(!list.includes(entry))
        if (!list.includes(entry)) list = [...list, entry].slice(-capacity)
        for (let known = 0; known <= 30; known++)
          expect(recent.has(String(known))).toBe(list.includes(String(known)))
      }
    }),
  )
})
