import { expect, it } from 'vitest'
import { withSiblings } from './run-by-npx.ts'

it('a package comes with all of ours that it depends on, each once', () => {
  const packed = (name: string, ...dependencies: string[]) => ({
    folder: name,
    tarball: `${name}.tgz`,
    manifest: {
      name,
      version: '0.1.0',
      dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, '^0.1.0'])),
    },
  })
  const all = [
    packed('cli', 'wire', 'sds', 'commander'),
    packed('sds', 'wire', 'cli'),
    packed('wire'),
    packed('other'),
  ]
  expect(withSiblings('cli', all).map(({ tarball }) => tarball)).toEqual(['cli.tgz', 'wire.tgz', 'sds.tgz'])
})
