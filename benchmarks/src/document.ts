import { arch, availableParallelism, cpus, platform, release } from 'node:os'

/** One case of a benchmark, ours beside theirs. These are the fields of a row of the JSON document. */
export interface Row {
  readonly case: string
  /** Of `ours` and `theirs`. */
  readonly unit: string
  readonly ours: number
  /** What it is compared with, measured in the same run; `null` where there is nothing to compare with. */
  readonly theirs: number | null
  /** Above 1, ours is better, by this factor. */
  readonly ratio: number | null
  /** The figure asked for: a ratio at least, or a value of ours at least or at most. */
  readonly target: number | null
  /** What physics allows, in the same terms as `target`. */
  readonly bound: number | null
}

/** A row and whether it reaches its target. */
export interface Judged {
  readonly row: Row
  /** `undefined` where there is no target. */
  readonly met: boolean | undefined
}

/** What {@link judge} makes a row of. */
export interface Measured {
  case: string
  unit: string
  ours: number
  theirs?: number
  /** Whether a smaller value is better (a time, a size) or a larger one (a rate). @default 'smaller' */
  better?: 'smaller' | 'larger'
  /** The target, for the ratio. */
  atLeast?: number
  /** The target, for a value of ours. */
  atMost?: number
  /** The target, for a value of ours. */
  oursAtLeast?: number
  bound?: number
}

/** Makes the row of one case. */
export function judge(measured: Measured): Judged {
  const { ours, theirs, better = 'smaller', atLeast, atMost, oursAtLeast, bound } = measured
  const ratio = theirs === undefined ? null : better === 'smaller' ? theirs / ours : ours / theirs
  const met = [
    ...(atLeast === undefined ? [] : [ratio !== null && ratio >= atLeast]),
    ...(atMost === undefined ? [] : [ours <= atMost]),
    ...(oursAtLeast === undefined ? [] : [ours >= oursAtLeast]),
  ]
  return {
    row: {
      case: measured.case,
      unit: measured.unit,
      ours: round(ours),
      theirs: theirs === undefined ? null : round(theirs),
      ratio: ratio === null ? null : round(ratio),
      target: atLeast ?? atMost ?? oursAtLeast ?? null,
      bound: bound === undefined ? null : round(bound),
    },
    met: met.length === 0 ? undefined : met.every(Boolean),
  }
}

/** A benchmark: what `benchmarks/src/NAME/bench.ts` exports as `bench`. */
export interface Bench {
  /** One line that says what is compared with what. */
  readonly about: string
  /** Yields each row once it is measured. */
  run(): AsyncIterable<Judged> | Iterable<Judged>
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
