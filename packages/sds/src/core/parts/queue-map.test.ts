import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QueueMap } from './queue-map.ts'

describe('a map that is a queue', () => {
  it('has room for so many, and gives what was put in first for what has none, whatever was deleted or set again', () => {
    fc.assert(
      fc.property(
        fc.nat(8),
        fc.array(fc.tuple(fc.nat(3), fc.nat(20)), { maxLength: 200, size: 'max' }),
        (most, steps) => {
          const map = new QueueMap<number, number>(most)
          const model = new Map<number, number>()
          for (const [value, [action, key]] of steps.entries()) {
            if (action === 0) {
              expect(map.delete(key)).toBe(model.delete(key))
            } else if (action === 1 && model.has(key)) {
              map.set(key, value)
              model.set(key, value)
            } else {
              model.delete(key)
              model.set(key, value)
              const [oldest] = model
              const isFull = model.size > most
              expect(map.put(key, value)).toEqual(isFull ? { key: oldest![0], value: oldest![1] } : undefined)
              if (isFull) model.delete(oldest![0])
            }
            expect(map.size).toBeLessThanOrEqual(most)
            expect([...map]).toEqual([...model])
          }
        },
      ),
    )
  })
})
