import type { Figure, Run } from './case.ts'

/** The goal of a figure. */
type Goal = Pick<Figure, 'atMost' | 'bound'>

/** The value of which the share `share` of all runs is not above, by nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}

const valuesOf = (runs: readonly Run[], key: string): number[] => runs.map((run) => run[key]!)

const quantileOf =
  (mark: string, share: number) =>
  (key: string, unit: string, goal: Goal = {}): Figure => ({
    name: `${key}, ${mark}`,
    unit,
    of: (runs) => quantile(valuesOf(runs, key), share),
    ...goal,
  })

/** The median of the runs. */
export const p50 = quantileOf('p50', 0.5)

/** The value that nineteen of twenty runs do not exceed. */
export const p95 = quantileOf('p95', 0.95)

/** The worst of the runs. */
export const most = quantileOf('most', 1)

/** The mean of the runs. */
export function mean(key: string, unit: string, goal: Goal = {}): Figure {
  const of = (runs: readonly Run[]): number =>
    valuesOf(runs, key).reduce((sum, value) => sum + value, 0) / runs.length
  return { name: key, unit, of, ...goal }
}

/** All runs together. */
export function total(key: string, unit: string, goal: Goal = {}): Figure {
  const of = (runs: readonly Run[]): number => valuesOf(runs, key).reduce((sum, value) => sum + value, 0)
  return { name: key, unit, of, ...goal }
}
