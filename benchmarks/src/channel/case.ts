import type { Library } from './checkout.ts'

/** The values that one run of a case measured, by name. */
export type Run = Readonly<Record<string, number>>

/** One row of a case, made of what its runs measured. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly of: (runs: readonly Run[]) => number
  /** Whether a smaller value is better, or a larger one. @default 'smaller' */
  readonly better?: 'smaller' | 'larger'
  /** The goal beside the other checkout: better by this factor. */
  readonly atLeast?: number
  /** The goal for the value. */
  readonly atMost?: number
  readonly oursAtLeast?: number
}

/** One situation that is measured in a process of its own. */
export interface Case {
  readonly id: string
  /** Runs it so often for each checkout, turn and turn about. */
  readonly rounds: number
  run(library: Library): Promise<Run>
  readonly figures: readonly Figure[]
}

/** The least of several runs: what disturbs one only ever makes it slower, or larger. */
export const least =
  (name: string) =>
  (runs: readonly Run[]): number =>
    Math.min(...runs.map((run) => run[name]!))

/** The most of several runs, of a rate. */
export const most =
  (name: string) =>
  (runs: readonly Run[]): number =>
    Math.max(...runs.map((run) => run[name]!))
