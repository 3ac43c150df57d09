import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { doubleNameProblems } from './double-names.ts'
import { PROJECT_ROOT } from './project.ts'

describe('the check of exported names', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'names-'))
    for (const name of ['queue', 'clock']) put(`packages/${name}/package.json`, `{"name":"${name}"}`)
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  it('finds a name in two packages, and in two files of one', () => {
    put('packages/queue/src/queue.ts', 'export interface Lane {}\nexport const a = 1, b = 2\n')
    put('packages/clock/src/lane.ts', 'export type Lane = 1\n')
    put('packages/queue/src/b.ts', 'export function b(x: 1): void\nexport function b(x: unknown): void {}\n')
    expect(doubleNameProblems(root, {})).toEqual([
      'Lane is exported by packages/clock/src/lane.ts and packages/queue/src/lane.ts: give one another name'.replace(
        'queue/src/lane',
        'queue/src/queue',
      ),
      'b is exported by packages/queue/src/b.ts and packages/queue/src/queue.ts: give one another name',
    ])
  })

  it('leaves re-exports, tests and what a file keeps for itself alone', () => {
    put('packages/queue/src/queue.ts', 'export class Lane {}\n')
    put('packages/queue/src/index.ts', `export { Lane } from './queue.ts'\nclass Line {}\nnew Line()\n`)
    put('packages/clock/src/line.ts', 'export class Line {}\n')
    put('packages/clock/src/lane.test.ts', 'export class Lane {}\n')
    expect(doubleNameProblems(root, {})).toEqual([])
  })

  it('refuses an exception that is none any more', () => {
    put('packages/queue/src/queue.ts', 'export class Lane {}\n')
    expect(doubleNameProblems(root, { Lane: 'both are lanes' })).toEqual([
      'Lane is exported once: take it off the exceptions in scripts/double-names.ts',
    ])
  })
})

it('no two files of the packages export one name', () => {
  expect(doubleNameProblems(PROJECT_ROOT)).toEqual([])
})
