import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withIncluded } from './include.ts'

describe('what a page takes from another', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'docs-'))
    mkdirSync(join(root, 'packages/a'), { recursive: true })
    writeFileSync(
      join(root, 'packages/a/README.md'),
      '# A\n\n## Costs\n\nSee [b](../b).\n\n| x |\n| - |\n| 1 |\n\n```text\nfast\n```\n\n## Next\n\nNot this.\n',
    )
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const include = (what: string): string =>
    withIncluded(root, 'docs/pages/x.md', `<!-- include: ../../packages/a/README.md#${what} -->\n`)

  it('is a section, with links that still lead where they led, and code that counts as tested there', () => {
    expect(include('Costs')).toBe(
      'See [b](../../packages/b).\n\n| x |\n| - |\n| 1 |\n\n<!-- from: packages/a/README.md -->\n\n```text\nfast\n```\n',
    )
  })

  it('is its table or its code alone', () => {
    expect(include('Costs | table')).toBe('| x |\n| - |\n| 1 |\n')
    expect(include('Costs | code')).toBe('<!-- from: packages/a/README.md -->\n\n```text\nfast\n```\n')
  })

  it('is an error where there is none', () => {
    expect(() => include('Price')).toThrow('docs/pages/x.md: packages/a/README.md has no section at "Price"')
    expect(() => include('Next | table')).toThrow('has no table at "Next"')
  })
})
