import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { changelogProblem } from './version-copy.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'changelog-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('says which package cannot be released for want of words', () => {
  const file = join(folder, 'CHANGELOG.md')
  expect(changelogProblem('0.0.0', file)).toBe('has no version: write a changeset')
  expect(changelogProblem('0.1.0', file)).toBe('has no changelog')
  const changelog = (section: string): void =>
    writeFileSync(
      file,
      `# name\n\n## 0.2.0\n\n### Patch Changes\n\n${section}\n\n## 0.1.0\n\n### Minor Changes\n\n- All.\n`,
    )
  changelog('- Updated dependencies\n  - other@0.2.0')
  expect(changelogProblem('0.2.0', file)).toBe('its changelog says nothing of 0.2.0')
  expect(changelogProblem('0.1.0', file)).toBeUndefined()
  changelog('- What was wrong is right.')
  expect(changelogProblem('0.2.0', file)).toBeUndefined()
})
