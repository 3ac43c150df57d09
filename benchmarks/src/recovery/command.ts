import { type BenchValues, BenchUsageError } from '../document.ts'
import type { Case } from './case.ts'

/** What the command line asks for. */
export interface Command {
  readonly cases: readonly Case[]
  /** The seeds of a case. */
  readonly seedsOf: (chosen: Case) => readonly number[]
  /** Tell each run instead of figures: every frame, or in few lines. */
  readonly tell: 'frames' | 'timeline' | undefined
}

/** Most runs of one case. */
const MAX_SEEDS = 1_000_000

/** Reads the options. @throws BenchUsageError */
export function readCommand(values: BenchValues, cases: readonly Case[]): Command {
  const letters = (values['case'] as string[] | undefined)?.map((letter) => letter.toUpperCase())
  const unknown = letters?.find((letter) => !cases.some(({ id }) => id === letter))
  if (unknown !== undefined)
    throw new BenchUsageError(
      `no case "${unknown}"; there are: ${[...new Set(cases.map(({ id }) => id))].join(', ')}`,
    )
  const range = values['seeds'] === undefined ? undefined : readSeeds(values['seeds'] as string)
  const tell = values['trace'] === true ? 'frames' : values['timeline'] === true ? 'timeline' : undefined
  return {
    cases: cases.filter(({ id }) => letters?.includes(id) ?? true),
    seedsOf: ({ seeds, seeded = true }) =>
      seeded ? (range ?? from(1, tell === undefined ? seeds : 1)) : [1],
    tell,
  }
}

function readSeeds(text: string): readonly number[] {
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? []
  const [low, high] = [Number(first), Number(last)]
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low > high || high - low >= MAX_SEEDS)
    throw new BenchUsageError(`--seeds takes a seed or a range such as 1..100, got "${text}"`)
  return from(low, high)
}

const from = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)
