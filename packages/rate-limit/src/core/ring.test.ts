import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Ring } from './ring.ts'

it('is a queue: it does what an array does', () => {
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 30 }) }) },
    { weight: 4, arbitrary: fc.constant({ shift: true }) },
    { weight: 1, arbitrary: fc.record({ retain: fc.integer({ min: 2, max: 5 }) }) },
  )
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200, size: 'max' }), (commands) => {
      const ring = new Ring<number>()
      let array: number[] = []
      for (const one of commands) {
        if ('push' in one) {
          ring.push(one.push)
          array.push(one.push)
        } else if ('shift' in one) {
          expect(ring.shift()).toBe(array.shift())
        } else {
          ring.retain((value) => value % one.retain !== 0)
          array = array.filter((value) => value % one.retain !== 0)
        }
        expect(ring.length).toBe(array.length)
        expect(ring.peek()).toBe(array[0])
      }
      const rest: number[] = []
      ring.forEach((value) => rest.push(value))
      expect(rest).toEqual(array)
    }),
  )
})
