import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseSource } from './imports.ts'
import { PROJECT_ROOT, sourceFiles } from './project.ts'

/** One behaviour asked for; see `requirements/README.md`. */
export interface Row {
  readonly id: string
  readonly section: string
  readonly origin: 'seed' | 'LIP' | 'contradiction'
  readonly text: string
  /** The piece of work that it belongs to. */
  readonly issue?: number
  readonly superseded?: true
  readonly instead?: string
}

/** `requirements/rows.json`. */
export interface Requirements {
  /** The issues whose rows must have tests. */
  readonly asked: readonly number[]
  readonly rows: readonly Row[]
}

/** The findings of {@link checkRequirements}. */
export interface Findings {
  /** Rows asked for that no test names. */
  readonly missing: readonly Row[]
  /** Ids in comments of tests that are no rows, and where. */
  readonly unknown: readonly { readonly id: string; readonly at: string }[]
  readonly asked: number
}

const ID = /\b[A-Z]{3}-\d{2,3}\b/g

/** Compares the rows of `issues` with the ids in the comments of all tests under `root`. */
export function checkRequirements(root: string, { rows }: Requirements, issues: readonly number[]): Findings {
  const known = new Set(rows.map(({ id }) => id))
  const prefixes = new Set(rows.map(({ id }) => id.slice(0, 3)))
  const named = new Set<string>()
  const unknown: { id: string; at: string }[] = []
  for (const path of sourceFiles(root, '**/*.test.{ts,tsx}')) {
    for (const { text, line } of parseSource(path, readFileSync(join(root, path), 'utf8')).comments) {
      for (const [id] of text.matchAll(ID)) {
        if (known.has(id)) named.add(id)
        else if (prefixes.has(id.slice(0, 3))) unknown.push({ id, at: `${path}:${line}` })
      }
    }
  }
  const asked = rows.filter((row) => row.issue !== undefined && issues.includes(row.issue))
  return { missing: asked.filter(({ id }) => !named.has(id)), unknown, asked: asked.length }
}

function main(): void {
  const { values } = parseArgs({ options: { issue: { type: 'string', multiple: true } } })
  const requirements = JSON.parse(
    readFileSync(join(PROJECT_ROOT, 'requirements/rows.json'), 'utf8'),
  ) as Requirements
  const issues = values.issue?.flatMap((list) => list.split(',')).map(Number) ?? requirements.asked
  if (!issues.every(Number.isInteger)) {
    console.log(`--issue wants numbers, as in --issue 2,3; got ${values.issue?.join(' ')}`)
    process.exitCode = 2
    return
  }
  const { missing, unknown, asked } = checkRequirements(PROJECT_ROOT, requirements, issues)
  for (const issue of issues) {
    const rows = missing.filter((row) => row.issue === issue)
    if (rows.length > 0) console.log(`issue ${issue}: ${rows.length} rows without a test`)
    for (const { id, origin, text } of rows) console.log(`  ${id} (${origin}) ${text}`)
  }
  for (const { id, at } of unknown) console.log(`${at}: ${id} is no row of requirements/rows.json`)
  console.log(`${asked - missing.length} of ${asked} rows asked for have a test`)
  if (missing.length > 0 || unknown.length > 0) process.exitCode = 1
}

if (import.meta.main) main()
