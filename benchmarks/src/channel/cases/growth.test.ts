import { describe, expect, it } from 'vitest'
import { exponentOf } from './growth.ts'

describe('how fast a cost grows', () => {
  it('is 0 where it does not, 1 where it does as the size, 2 where it does as the square', () => {
    const sizes = [10, 100, 1_000]
    expect(exponentOf([7, 9, 7], sizes)).toBe(0)
    expect(exponentOf(sizes, sizes)).toBeCloseTo(1)
    expect(exponentOf([1, 100, 10_000], sizes)).toBeCloseTo(2)
    expect(exponentOf([4, 2, 1], sizes)).toBeLessThan(0)
  })
})
