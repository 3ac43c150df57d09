import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
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
  const given = values['baseline'] as string | undefined
  const baseline = given === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? '.', given)
  if (baseline !== undefined && !existsSync(join(baseline, 'packages/channel/node_modules')))
    throw new BenchUsageError(`--baseline takes a checkout with its dependencies installed, got "${given}"`)
  return {
    cases: cases.filter(({ id }) => ids?.includes(id) ?? true),
    baseline,
    isFlame: values['flame'] === true,
  }
}
