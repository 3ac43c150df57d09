import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QueueMap } from './queue-map.ts'

describe('a map that is a queue', () => {
  it('gives what was added first, whatever was deleted, set again or added meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(20)), { maxLength: 200, size: 'max' }), (steps) => {
        const map = new QueueMap<number, number>()
        const model = new Map<number, number>()
        for (const [value, [action, key]] of steps.entries()) {
          if (action === 0) {
            const [oldest] = model
            expect(map.takeOldest()).toEqual(oldest && { key: oldest[0], value: oldest[1] })
            if (oldest !== undefined) model.delete(oldest[0])
          } else if (action === 1) {
            expect(map.delete(key)).toBe(model.delete(key))
          } else {
            map.set(key, value)
            model.set(key, value)
          }
          expect([...map]).toEqual([...model])
        }
      }),
    )
  })
})
