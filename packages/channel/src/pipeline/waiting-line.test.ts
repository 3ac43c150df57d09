import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WaitingLine } from './waiting-line.ts'

const RANKS = { critical: 0, normal: 1, optional: 2 }
const priority = fc.constantFrom('critical' as const, 'normal' as const, 'optional' as const)

// F16
it('a waiting line is what a list sorted by priority would be, whatever comes and leaves', () => {
  fc.assert(
    fc.property(fc.array(fc.option(priority, { nil: undefined })), (steps) => {
      const line = new WaitingLine<{ priority: keyof typeof RANKS; number: number }>()
      let list: { priority: keyof typeof RANKS; number: number }[] = []
      for (const [number, one] of steps.entries()) {
        if (one === undefined) expect(line.shift()).toEqual(list.shift())
        else {
          line.push({ priority: one, number })
          list = [...list, { priority: one, number }].toSorted(
            (a, b) => RANKS[a.priority] - RANKS[b.priority] || a.number - b.number,
          )
        }
        expect(line.size).toBe(list.length)
        expect(line.first).toEqual(list[0])
      }
      for (const one of list) expect(line.shift()).toEqual(one)
      expect(line.shift()).toBeUndefined()
    }),
  )
})
