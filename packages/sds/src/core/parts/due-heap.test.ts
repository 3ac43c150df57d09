import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Due, DueHeap } from './due-heap.ts'

type Action =
  | { readonly add: number }
  | { readonly remove: number }
  | { readonly take: number }
  | { readonly delay: number }
  | { readonly putOff: number }

const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    fc.record({ add: fc.nat(20) }),
    // Most are due later than what was added before.
    fc.record({ add: fc.integer({ min: 15, max: 25 }) }),
    fc.record({ remove: fc.nat() }),
    fc.record({ take: fc.nat(30) }),
    fc.record({ delay: fc.nat(5) }),
    fc.record({ putOff: fc.nat(15) }),
  ),
  { maxLength: 200, size: 'max' },
)

describe('the heap of due times', () => {
  it('gives what a sorted list gives, first come first served', () => {
    fc.assert(
      fc.property(actions, (all) => {
        const heap = new DueHeap<number>()
        let list: { due: number; value: number; item: Due<number> }[] = []
        let added = 0
        for (const action of all) {
          if ('add' in action) {
            const item = heap.add(action.add, added)
            list.push({ due: action.add, value: added++, item })
          } else if ('remove' in action && list.length > 0) {
            const [gone] = list.splice(action.remove % list.length, 1)
            heap.remove(gone!.item)
            heap.remove(gone!.item)
          } else if ('take' in action) {
            const [first] = list.toSorted((a, b) => a.due - b.due || a.value - b.value)
            const expected = first !== undefined && first.due <= action.take ? first : undefined
            expect(heap.takeDue(action.take)).toBe(expected?.value)
            list = list.filter((one) => one !== expected)
          } else if ('delay' in action) {
            heap.shift(action.delay)
            for (const one of list) one.due += action.delay
          } else if ('putOff' in action) {
            heap.putOffOverdue(action.putOff, action.putOff + 5)
            for (const one of list) if (one.due <= action.putOff) one.due = action.putOff + 5
          }
          expect(heap.size).toBe(list.length)
          expect(heap.next).toBe(list.length === 0 ? undefined : Math.min(...list.map(({ due }) => due)))
        }
      }),
    )
  })

  it('gives in order what is added in order, beside what waits for long', () => {
    const heap = new DueHeap<number>()
    for (let due = 1_000; due < 1_020; due++) heap.add(due, due)
    const items = Array.from({ length: 500 }, (_, due) => heap.add(due, due))
    for (const item of items.slice(0, 100)) heap.remove(item)
    const taken: (number | undefined)[] = []
    while (heap.next !== undefined) taken.push(heap.takeDue(heap.next))
    expect(taken).toEqual([
      ...Array.from({ length: 400 }, (_, i) => 100 + i),
      ...Array.from({ length: 20 }, (_, i) => 1_000 + i),
    ])
  })
})
