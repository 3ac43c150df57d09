import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from './project.ts'

/** The last line of a run of one file of tests. */
function closingLine(source: string): string {
  // Inside the project, so that vitest is found.
  const folder = mkdtempSync(join(PROJECT_ROOT, 'node_modules/.closing-line-'))
  try {
    writeFileSync(
      join(folder, 'some.test.js'),
      `import { beforeAll, describe, expect, it } from 'vitest'\n${source}`,
    )
    writeFileSync(join(folder, 'vitest.config.js'), `export default { test: { include: ['*.test.js'] } }`)
    const reporter = join(PROJECT_ROOT, 'scripts/closing-line.ts')
    const vitest = join(PROJECT_ROOT, 'node_modules/vitest/vitest.mjs')
    const { stdout } = spawnSync(
      process.execPath,
      [vitest, 'run', '--root', folder, '--reporter', reporter],
      {
        encoding: 'utf8',
      },
    )
    return stdout.trimEnd().split('\n').at(-1)!
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the closing line', () => {
  it.each([
    [
      'tests',
      `it('a', () => {}); it('b', () => expect(1).toBe(2)); it.skip('c', () => {})`,
      '1 passed, 1 failed, 1 skipped',
    ],
    ['a file that cannot be loaded', `throw new Error('no')`, '0 passed, 1 failed'],
    [
      'a hook that fails',
      `it('a', () => {}); describe('s', () => { beforeAll(() => { throw new Error('no') }); it('b', () => {}) })`,
      '1 passed, 1 failed, 1 skipped',
    ],
    [
      'an error outside all tests',
      `it('a', () => void Promise.reject(new Error('no')))`,
      '1 passed, 1 failed',
    ],
  ])('counts %s', (_, source, expected) => {
    expect(closingLine(source)).toBe(expected)
  })
})
