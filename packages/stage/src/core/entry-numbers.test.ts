import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { EntryNumbers, areConcurrent } from './entry-numbers.ts'

const take = (numbers: EntryNumbers, count: number): number[] =>
  Array.from({ length: count }, () => numbers.take())

describe('the numbers of entries', () => {
  it('follow one upon the other without a writer, after those that are restored', () => {
    const numbers = new EntryNumbers()
    expect(take(numbers, 3)).toEqual([0, 1, 2])
    numbers.restore(10)
    numbers.restore(4)
    expect(numbers.next).toBe(11)
    expect(numbers.take()).toBe(11)
    numbers.reset()
    expect(numbers.take()).toBe(0)
  })

  it('are different for two writers that restored the same, and always rise', () => {
    // F18
    fc.assert(
      fc.property(
        fc.array(fc.nat(2 ** 30)),
        fc.array(fc.integer({ min: 0, max: 2 ** 21 - 1 }), { minLength: 2, maxLength: 2 }),
        (stored, [a = 0, b = 1]) => {
          fc.pre(a !== b)
          const both = [a, b].map((writer) => {
            const numbers = new EntryNumbers(writer / 2 ** 21)
            for (const number of stored) numbers.restore(number)
            return take(numbers, 20)
          })
          for (const given of both) {
            expect(given).toEqual(given.toSorted((x, y) => x - y))
            expect(given[0]).toBeGreaterThan(Math.max(-1, ...stored))
          }
          expect(new Set(both.flat()).size).toBe(40)
          expect(areConcurrent(both[0]![0]!, both[1]![0]!)).toBe(true)
        },
      ),
    )
  })

  it('are not concurrent where one writer had read what the other wrote, nor from before there were writers', () => {
    const first = new EntryNumbers(0.25)
    const [a = 0, b = 0] = take(first, 2)
    const second = new EntryNumbers(0.75)
    second.restore(a)
    second.restore(b)
    const third = new EntryNumbers(0)
    third.restore(second.take())
    expect(areConcurrent(a, b)).toBe(false)
    expect(areConcurrent(b, second.take())).toBe(false)
    expect(areConcurrent(5, 7)).toBe(false)
    expect(areConcurrent(a, a)).toBe(false)
    const old = new EntryNumbers(0.5)
    old.restore(7)
    expect(areConcurrent(7, old.take())).toBe(false)
  })

  it('are never concurrent where each writer came after the one before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 21 - 1 }), fc.nat(3)), { maxLength: 20 }),
        (writers) => {
          const stored: number[] = []
          for (const [writer, count] of writers) {
            const numbers = new EntryNumbers(writer / 2 ** 21)
            for (const number of stored) numbers.restore(number)
            stored.push(...take(numbers, count))
          }
          expect(stored).toEqual(stored.toSorted((a, b) => a - b))
          expect(stored.some((number, i) => i > 0 && areConcurrent(stored[i - 1]!, number))).toBe(false)
        },
      ),
    )
  })

  it('leave room for four thousand million entries', () => {
    const numbers = new EntryNumbers(1 - 2 ** -40)
    numbers.restore((2 ** 32 - 3) * 2 ** 21)
    expect(take(numbers, 2).every(Number.isSafeInteger)).toBe(true)
  })
})
