import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import rowsFile from '../requirements/rows.json' with { type: 'json' }
import { PROJECT_ROOT } from './project.ts'
import { type Requirements, checkRequirements } from './requirements.ts'

const requirements: Requirements = {
  asked: [1],
  rows: [
    { id: 'AAA-01', section: '1. A', origin: 'seed', text: 'first', issue: 1 },
    { id: 'AAA-02', section: '1. A', origin: 'LIP', text: 'second', issue: 1 },
    { id: 'AAA-03', section: '1. A', origin: 'seed', text: 'third', superseded: true, instead: 'second' },
    { id: 'BBB-01', section: '2. B', origin: 'LIP', text: 'fourth', issue: 2 },
  ],
}

describe('the list of rows without a test', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'rows-'))
    mkdirSync(join(root, 'packages/a/src'), { recursive: true })
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (name: string, text: string): void => writeFileSync(join(root, 'packages/a/src', name), text)
  const missing = (issues: readonly number[]): string[] =>
    checkRequirements(root, requirements, issues).missing.map(({ id }) => id)

  it('holds every row asked for when there are no tests, and no superseded one', () => {
    expect(missing([1])).toEqual(['AAA-01', 'AAA-02'])
    expect(missing([1, 2])).toEqual(['AAA-01', 'AAA-02', 'BBB-01'])
  })

  it('loses the rows that a comment of a test names, several in one comment too', () => {
    write('a.test.ts', '// AAA-01, AAA-02: both\nexport {}')
    expect(missing([1, 2])).toEqual(['BBB-01'])
  })

  it('is not impressed by an id in a string, in the source, or by a range', () => {
    write('a.test.ts', `export const text = 'AAA-01'`)
    write('a.ts', '// AAA-01\nexport {}')
    write('b.test.ts', '// AAA-01…02\nexport {}')
    expect(missing([1])).toEqual(['AAA-02'])
  })

  it('names ids in tests that are no rows, where their prefix is a prefix of rows', () => {
    write('a.test.ts', '\n// AAA-09 and UTF-16\nexport {}')
    expect(checkRequirements(root, requirements, [1]).unknown).toEqual([
      { id: 'AAA-09', at: 'packages/a/src/a.test.ts:2' },
    ])
  })
})

describe('the rows of the project', () => {
  it('have distinct ids, and an issue exactly where something is asked for', () => {
    const { rows } = rowsFile as Requirements
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    for (const { id, origin, issue, superseded } of rows) {
      expect(issue === undefined, id).toBe(origin === 'contradiction' || superseded === true)
    }
  })

  it('are decided in DECISIONS.md where sources disagree or a row is superseded', () => {
    const decisions = readFileSync(join(PROJECT_ROOT, 'DECISIONS.md'), 'utf8')
    const contested = (rowsFile as Requirements).rows.filter(
      ({ origin, superseded }) => origin === 'contradiction' || superseded === true,
    )
    expect(contested.filter(({ id }) => !decisions.includes(id)).map(({ id }) => id)).toEqual([])
  })
})
