import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReflectionKind } from 'typedoc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PackageApi } from '../api/read-api.ts'
import { errorsPage } from './errors.ts'

const errorClass = (name: string, code: string, text: string) => ({
  name,
  kind: ReflectionKind.Class,
  children: [{ name: 'code', type: { toString: () => `"${code}"` } }],
  comment: { summary: [{ kind: 'text', text }] },
})

describe('the page of errors', () => {
  let root: string
  const packages = [
    {
      name: 'a',
      folder: 'packages/a',
      entries: [
        { specifier: '', module: { children: [errorClass('FullError', 'ERR_FULL', 'There is no room.')] } },
      ],
    },
    { name: 'b', folder: 'packages/b', entries: [] },
  ] as unknown as PackageApi[]

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'docs-'))
    for (const { folder } of packages) mkdirSync(join(root, folder), { recursive: true })
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('has the cause from the docstring and the remedy from the README, and what others say of it', () => {
    writeFileSync(join(root, 'packages/a/README.md'), '# a\n\n### `ERR_FULL`\n\nWait. See [more](more.md).\n')
    writeFileSync(join(root, 'packages/b/README.md'), '# b\n\n### ERR_FULL\n\nCall less.\n')
    const { markdown, codes, problems } = errorsPage(root, packages)
    expect(problems).toEqual([])
    expect(codes).toEqual(['ERR_FULL'])
    expect(markdown).toContain(
      '### ERR_FULL\n\n`FullError`: there is no room.\n\nWait. See [more](../../../packages/a/more.md).\n\nIn `b`: Call less.\n',
    )
  })

  it('is incomplete where the README of the package has no remedy', () => {
    writeFileSync(join(root, 'packages/a/README.md'), '# a\n')
    expect(errorsPage(root, packages).problems).toEqual(['packages/a/README.md: has no section ERR_FULL'])
  })

  it('is incomplete where a source has a code that no exported error has', () => {
    mkdirSync(join(root, 'packages/b/src'))
    writeFileSync(join(root, 'packages/a/README.md'), '# a\n\n### `ERR_FULL`\n\nWait.\n')
    writeFileSync(join(root, 'packages/b/src/b.ts'), "throw { code: 'ERR_EMPTY' } // not ERR_FULL\n")
    expect(errorsPage(root, packages).problems).toEqual([
      'packages/b/src/b.ts: ERR_EMPTY is no error that is exported',
    ])
  })
})
