import type { Say } from './world.ts'

/** The values that one run of a case measured, by name. Times are in seconds. */
export type Run = Readonly<Record<string, number>>

/** One row of a case, made of what its runs measured. */
export interface Figure {
  readonly name: string
  readonly unit: string
  /** `null` where what would be measured does not exist yet. */
  readonly of: (runs: readonly Run[]) => number | null
  /**
   * The goal: at most this, or at most what the same row was before (with other seeds than it was measured with, a tenth more).
   * Absent where the figure is for information.
   */
  readonly atMost?: number | 'as before'
  /** The least that any protocol needs. */
  readonly bound?: number
}

/** One situation that is run with many seeds. */
export interface Case {
  /** The letter of its row in the list of goals; several cases may share it. */
  readonly id: string
  readonly title: string
  /**
   * Runs it with the seeds from 1 to this, unless the command line says which. The 95th percentile of twenty runs is that of
   * the two unluckiest: where the bound is on it, there are more.
   */
  readonly seeds: number
  /** Whether its outcome depends on the seed; without, one run is enough. @default true */
  readonly seeded?: boolean
  /**
   * Runs it once.
   *
   * @param say Told of every frame and what comes of it.
   */
  run(seed: number, say?: Say): Promise<Run>
  readonly figures: readonly Figure[]
}
