import { readFileSync } from 'node:fs'
import type { Row } from '../document.ts'

/**
 * Every row is compared with the sources of commit d304ca5 under the benchmark of 6a943bd: today's imports names that those
 * sources lack. `d304ca5.json` is what it printed there; cases that are younger have no row in it, and A and B had fewer
 * seeds.
 *
 * ```sh
 * git worktree add ../before d304ca5
 * git archive 6a943bd benchmarks pnpm-lock.yaml | tar -x -C ../before
 * cd ../before
 * npx pnpm@12 bench recovery --json
 * ```
 */
export const COMMIT = 'd304ca5'

/** The figures of that commit, by the name of the row. */
export function loadBaseline(): ReadonlyMap<string, number> {
  const file = new URL(`${COMMIT}.json`, import.meta.url)
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { readonly rows: readonly Row[] }
  return new Map(rows.flatMap((row) => (row.ours === null ? [] : [[row.case, row.ours]])))
}
