import { describe, expect, it } from 'vitest'
import { sendings } from './cases/file.ts'
import { mean, most, p50, p95, quantile, total } from './figures.ts'

const runs = Array.from({ length: 20 }, (_, i) => ({ received: 20 - i }))

describe('a figure', () => {
  it('is a value that was measured, not one between two', () => {
    expect(quantile([3, 1, 2, 10], 0.5)).toBe(2)
    expect(quantile([3, 1, 2, 10], 0.95)).toBe(10)
    expect(quantile([7], 0.95)).toBe(7)
  })

  it('is made of all runs of a case, whatever their order', () => {
    const values = [p50, p95, most].map((figure) => figure('received', 's').of(runs))
    expect(values).toEqual([10, 19, 20])
    expect(mean('received', 's').of(runs)).toBe(10.5)
    expect(total('received', 's').of(runs)).toBe(210)
  })

  it('is bound by what loss makes of each frame', () => {
    expect(sendings(0)).toBe(1)
    expect(sendings(0.3)).toBeCloseTo(1 / 0.7)
    // As the minimum of several receivers' luck: summed by inclusion and exclusion.
    expect(sendings(0.3, 2)).toBeCloseTo(2 / 0.7 - 1 / (1 - 0.09))
  })
})
