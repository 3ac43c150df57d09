import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileProblems, unreleased } from './publint.ts'

const good = [
  'README.md',
  'LICENSE-MIT',
  'LICENSE-APACHE',
  'package.json',
  'dist/index.js',
  'dist/index.d.ts',
]

describe('the files of a tarball', () => {
  it('are as they should be with readme, licences and what was built', () => {
    expect(fileProblems([...good, 'src/index.ts'])).toEqual([])
  })

  it('must not lack a licence, nor hold tests, build information or examples', () => {
    const files = [
      ...good.slice(0, 1),
      ...good.slice(2),
      'src/a.test.ts',
      'dist/x.tsbuildinfo',
      'examples/a.ts',
    ]
    expect(fileProblems(files)).toEqual([
      'lacks LICENSE-MIT',
      'should not hold src/a.test.ts',
      'should not hold dist/x.tsbuildinfo',
      'should not hold examples/a.ts',
    ])
  })
})

describe('a published package', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'release-'))
    mkdirSync(join(root, '.changeset'))
    for (const name of ['old', 'new', 'forgotten', 'inner']) {
      mkdirSync(join(root, 'packages', name), { recursive: true })
      const manifest = { name: `@reliable-channels/${name}`, private: name === 'inner' }
      writeFileSync(join(root, 'packages', name, 'package.json'), JSON.stringify(manifest))
    }
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('has a changelog, or a changeset that will make one', () => {
    writeFileSync(join(root, 'packages/old/CHANGELOG.md'), '# old')
    writeFileSync(join(root, '.changeset/new.md'), `---\n'@reliable-channels/new': minor\n---\n\nNew.\n`)
    expect(unreleased(root)).toEqual(['@reliable-channels/forgotten'])
  })
})
