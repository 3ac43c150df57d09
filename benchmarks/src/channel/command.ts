import { baselineFolder } from '../baseline-folder.ts'
import { type BenchValues, BenchUsageError } from '../document.ts'
import type { Case } from './case.ts'

/** What the command line asks for. */
export interface Command {
  readonly cases: readonly Case[]
  /** The folder of the other checkout. */
  readonly baseline: string | undefined
  /** Where the time goes is to be told, and not how much it is. */
  readonly isFlame: boolean
}

/** Reads the options. @throws BenchUsageError */
export function readCommand(values: BenchValues, cases: readonly Case[]): Command {
  const ids = values['case'] as string[] | undefined
  const unknown = ids?.find((id) => !cases.some((each) => each.id === id))
  if (unknown !== undefined)
    throw new BenchUsageError(`no case "${unknown}"; there are: ${cases.map(({ id }) => id).join(', ')}`)
  return {
    cases: cases.filter(({ id }) => ids?.includes(id) ?? true),
    baseline: baselineFolder(values, 'channel'),
    isFlame: values['flame'] === true,
  }
}
