import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdIndex } from './id-index.ts'

describe('the index of ids', () => {
  it('is a map from ids to slots, however their hashes collide', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.nat(120)), { maxLength: 400, size: 'max' }),
        fc.constantFrom(1, 3, 7, 1_000_003),
        (steps, hashes) => {
          const ids: (string | undefined)[] = []
          const model = new Map<string, number>()
          const index = new IdIndex((slot, id) => ids[slot] === id)
          const hashOf = (id: string): number => (Math.imul(Number(id), 0x9e3779b1) % hashes) | 0
          for (const [adds, number] of steps) {
            const id = `${number}`
            const known = model.get(id)
            expect(index.find(id, hashOf(id))).toBe(known ?? -1)
            if (adds && known === undefined) {
              const free = ids.indexOf(undefined)
              const slot = free === -1 ? ids.length : free
              ids[slot] = id
              model.set(id, slot)
              index.add(slot, hashOf(id))
            } else if (!adds && known !== undefined) {
              index.remove(known)
              ids[known] = undefined
              model.delete(id)
            }
          }
          for (const [id, slot] of model) expect(index.find(id, hashOf(id))).toBe(slot)
        },
      ),
    )
  })
})
