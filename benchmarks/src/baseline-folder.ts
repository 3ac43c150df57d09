import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchValues, BenchUsageError } from './document.ts'

/** This checkout of the repository. */
export const HERE: string = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The checkout that `--baseline` names, if it is given.
 *
 * @param used The package of it that is measured.
 * @throws BenchUsageError
 */
export function baselineFolder(values: BenchValues, used: string): string | undefined {
  const given = values['baseline'] as string | undefined
  if (given === undefined) return undefined
  const folder = resolve(process.env['INIT_CWD'] ?? '.', given)
  if (!existsSync(join(folder, 'packages', used, 'node_modules')))
    throw new BenchUsageError(`--baseline takes a checkout with its dependencies installed, got "${given}"`)
  return folder
}
