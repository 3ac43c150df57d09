import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotOrder } from './slot-order.ts'

describe('the order of slots', () => {
  it('is what an array would be', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat()), { maxLength: 500, size: 'max' }), (steps) => {
        const order = new SlotOrder()
        const model: number[] = []
        for (const [slot, [action, number]] of steps.entries()) {
          if (action === 0 && model.length > 0) {
            order.remove(0)
            model.shift()
          } else if (action === 1 && model.length > 0) {
            order.remove(number % model.length)
            model.splice(number % model.length, 1)
          } else {
            const index = action === 2 ? number % (model.length + 1) : model.length
            order.insert(index, slot)
            model.splice(index, 0, slot)
          }
          expect(order.size).toBe(model.length)
        }
        expect(model.map((_, index) => order.at(index))).toEqual(model)
      }),
    )
  })

  it('needs no more room for what has gone', () => {
    const order = new SlotOrder()
    for (let slot = 0; slot < 100_000; slot++) {
      order.insert(order.size, slot)
      if (order.size > 100) order.remove(0)
    }
    expect([order.at(0), order.at(99), order.size]).toEqual([99_900, 99_999, 100])
  })
})
