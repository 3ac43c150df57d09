import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SparseMap, SparseSet } from './sparse-map.ts'

const key = fc.nat(4)
const step = fc.oneof(
  fc.record({ type: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ type: fc.constant('delete' as const), key }),
  fc.record({ type: fc.constant('clear' as const) }),
)

describe('maps and sets that take no memory while they are empty', () => {
  it('are what maps and sets are, in the same order', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const map = new SparseMap<number, number>()
        const set = new SparseSet<number>()
        const twin = new Map<number, number>()
        for (const one of steps) {
          if (one.type === 'set') {
            expect(map.set(one.key, one.value)).toBe(map)
            expect(set.add(one.key)).toBe(set)
            twin.set(one.key, one.value)
          } else if (one.type === 'delete') {
            const wasThere = twin.delete(one.key)
            expect([map.delete(one.key), set.delete(one.key)]).toEqual([wasThere, wasThere])
          } else {
            map.clear()
            set.clear()
            twin.clear()
          }
          expect([map.size, set.size]).toEqual([twin.size, twin.size])
          expect([...map]).toEqual([...twin])
          expect([...map.keys()]).toEqual([...twin.keys()])
          expect([...map.values()]).toEqual([...twin.values()])
          expect([...set]).toEqual([...twin.keys()])
          for (let each = 0; each < 5; each++) {
            expect([map.has(each), set.has(each)]).toEqual([twin.has(each), twin.has(each)])
            expect(map.get(each)).toBe(twin.get(each))
          }
        }
      }),
    )
  })

  it('may be walked through while something is put in or taken out', () => {
    const map = new SparseMap<string, number>().set('a', 1).set('b', 2)
    const seen: string[] = []
    for (const [name] of map) {
      seen.push(name)
      if (name === 'a') map.delete('b')
      if (name === 'a') map.set('c', 3)
    }
    expect(seen).toEqual(['a', 'c'])
  })
})
