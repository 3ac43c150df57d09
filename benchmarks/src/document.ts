import { arch, availableParallelism, cpus, platform, release } from 'node:os'
import type { ParseArgsConfig } from 'node:util'

/** The number that a target is for: the ratio of ours to theirs, or ours alone. */
export type TargetOf = 'ratio' | 'ours'

/** One case of a benchmark, ours beside theirs. These are the fields of a row of the JSON document. */
export interface Row {
  readonly case: string
  /** Of `ours` and `theirs`. */
  readonly unit: string
  /** `null` where what would be measured does not exist yet. */
  readonly ours: number | null
  /** The value that ours is compared with, of the same run or as the benchmark says; `null` where there is none. */
  readonly theirs: number | null
  /** Above 1, ours is better, by this factor. */
  readonly ratio: number | null
  /** The least and the greatest ratio of several pairs that were measured in turn; `null` where there was one. */
  readonly spread: readonly [least: number, greatest: number] | null
  /** The figure asked for: a ratio at least, or a value of ours at least or at most. */
  readonly target: number | null
  /** `null` where there is no target. */
  readonly targetOf: TargetOf | null
  /** Whether the target is reached; `null` where there is none. */
  readonly met: boolean | null
  /** The best that physics allows, in the same terms as `target`. */
  readonly bound: number | null
  /** Of how many runs, each with a seed of its own, the figure is made; `null` where nothing is seeded. */
  readonly runs: number | null
}

/** The values that {@link judge} makes a row of. */
export interface Measured {
  case: string
  unit: string
  ours: number | null
  theirs?: number | undefined
  /** Whether a smaller value is better (a time, a size) or a larger one (a rate). @default 'smaller' */
  better?: 'smaller' | 'larger'
  /** The target, for the ratio. */
  atLeast?: number
  /** The target, for a value of ours. */
  atMost?: number | undefined
  /** The target, for a value of ours. */
  oursAtLeast?: number
  bound?: number | undefined
  runs?: number
  /** Of the pairs of which `theirs` is made. */
  ratios?: readonly number[]
}

/** Makes the row of one case. */
export function judge(measured: Measured): Row {
  const { theirs, better = 'smaller', atLeast, atMost, oursAtLeast, bound, runs, ratios } = measured
  const ours = measured.ours === null ? null : round(measured.ours)
  const ratio =
    ours === null || theirs === undefined ? null : better === 'smaller' ? theirs / ours : ours / theirs
  const met = [
    ...(atLeast === undefined ? [] : [ratio !== null && ratio >= atLeast]),
    ...(atMost === undefined ? [] : [ours !== null && ours <= atMost]),
    ...(oursAtLeast === undefined ? [] : [ours !== null && ours >= oursAtLeast]),
  ]
  return {
    case: measured.case,
    unit: measured.unit,
    ours,
    theirs: theirs === undefined ? null : round(theirs),
    ratio: ratio === null || !Number.isFinite(ratio) ? null : round(ratio),
    spread: ratios === undefined ? null : [round(Math.min(...ratios)), round(Math.max(...ratios))],
    target: atLeast ?? atMost ?? oursAtLeast ?? null,
    targetOf: met.length === 0 ? null : atLeast === undefined ? 'ours' : 'ratio',
    met: met.length === 0 ? null : met.every(Boolean),
    bound: bound === undefined ? null : round(bound),
    runs: runs ?? null,
  }
}

/** Options of the command line as a benchmark gets them: those that it declares in {@link Bench.options}. */
export type BenchValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** A benchmark: what `benchmarks/src/NAME/bench.ts` exports as `bench`. */
export interface Bench {
  /** One line that says what is compared with what. */
  readonly about: string
  /** The heading of the column `theirs` in its table. @default 'theirs' */
  readonly theirs?: string
  /** Whether a target that is missed fails the command: so it may where every machine measures the same. @default false */
  readonly fails?: boolean
  /** Options of its own on the command line, as the list of benchmarks shows them. */
  readonly usage?: string
  /** The same for the parser. */
  readonly options?: NonNullable<ParseArgsConfig['options']>
  /**
   * Yields each row once it is measured.
   *
   * @throws BenchUsageError when its options make no sense
   */
  run(values: BenchValues): AsyncIterable<Row> | Iterable<Row>
}

/** The options of a benchmark make no sense; the message says which and why. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError'
  readonly code = 'ERR_BENCH_USAGE'
}

/** The machine that the figures come from. */
export interface Environment {
  readonly node: string
  readonly v8: string
  readonly cpu: string
  readonly cores: number
  readonly os: string
}

/** Describes this machine. */
export function environment(): Environment {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    os: `${platform()} ${release()} ${arch()}`,
  }
}

/** Four significant digits: no machine is steadier than that. */
function round(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value
}
