import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findDeadPaths } from './named-paths.ts'

describe('the check of paths in pages', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'paths-'))
    put('packages/queue/src/queue.ts', '')
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const dead = (): string[] => findDeadPaths(root).map(({ at, path }) => `${at} ${path}`)

  it('is content with files, folders, anchors and addresses', () => {
    put(
      'ARCHITECTURE.md',
      'See [queue](packages/queue/src/queue.ts#L3), `packages/queue/src`, [below](#below), [web](https://a.b/c.ts),\n' +
        '[here](ARCHITECTURE.md). New ones: packages/NAME/src/NAME.ts.\n',
    )
    expect(dead()).toEqual([])
  })

  it('finds a link that leads nowhere, in a page of a package too', () => {
    put('ARCHITECTURE.md', '# A\n\nSee [queue](packages/queue/src/line.ts).\n')
    put('packages/queue/README.md', 'See [queue](src/queue.ts), [line](src/line.ts).\n')
    expect(dead()).toEqual([
      'ARCHITECTURE.md:3 packages/queue/src/line.ts',
      'packages/queue/README.md:1 src/line.ts',
    ])
  })

  it('finds a path in running text, a command or a code block that is no longer there', () => {
    put(
      'CONTRIBUTING.md',
      'Run `vitest run packages/queue/test` and\n```sh\nnode scripts/gone.ts --write\n```\n',
    )
    expect(dead()).toEqual(['CONTRIBUTING.md:1 packages/queue/test', 'CONTRIBUTING.md:3 scripts/gone.ts'])
  })

  it('leaves what was written of earlier versions alone', () => {
    put('packages/queue/CHANGELOG.md', '[gone](src/gone.ts)\n')
    put('.changeset/a-change.md', '[gone](src/gone.ts)\n')
    expect(dead()).toEqual([])
  })
})
