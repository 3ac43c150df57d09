import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { installedBy, needsProblems, overviewProblems } from './readme-needs.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'needs-'))
  mkdirSync(join(root, 'p/examples'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('finds what a README has its reader install, whatever stands around it', () => {
  const readme = [
    'npm install not-in-a-block',
    '```sh',
    'npm install @scope/one rxjs     # and npm install nothing-of-this',
    '$ npm i --save-dev @scope/two@1.2.3 three@4',
    'npx @scope/one --help',
    '```',
    '```ts',
    '// npm install four',
    '```',
  ].join('\n')
  expect([...installedBy(readme)]).toEqual([
    ['@scope/one', ''],
    ['rxjs', ''],
    ['@scope/two', '1.2.3'],
    ['three', '4'],
  ])
})

// N6
it('says what a reader could not run with what they were told to install', () => {
  writeFileSync(
    join(root, 'p/examples/a.ts'),
    `import { map } from 'rxjs'\nimport { join } from 'node:path'\nimport { b } from '@scope/b/part'\nconsole.log(map, join, b)\n`,
  )
  const manifest = {
    name: '@scope/p',
    version: '0.0.0',
    engines: { node: '>=22.12' },
    peerDependencies: { rxjs: '^7', level: '^3' },
    peerDependenciesMeta: { level: { optional: true } },
  }
  const problemsOf = (...lines: string[]): string[] => {
    const example = ['<!-- example: examples/a.ts -->', '```ts', '```', '']
    writeFileSync(join(root, 'p/README.md'), [...lines, ...example].join('\n'))
    return needsProblems(root, { folder: 'p', manifest }).map(({ problem }) => problem)
  }
  expect(problemsOf('```sh', 'npm install @scope/p rxjs @scope/b', '```', 'Node.js 22.12 or newer.')).toEqual(
    [],
  )
  expect(problemsOf('```sh', 'npm install other', '```')).toEqual([
    'does not install @scope/p',
    'does not install rxjs, a peer dependency',
    'does not say in its first 30 lines that it needs Node.js 22.12',
    'examples/a.ts needs rxjs, which it does not install',
    'examples/a.ts needs @scope/b, which it does not install',
  ])
})

it('says where the overview is too long for a newcomer, or leaves a package out', () => {
  const members = ['a', 'b'].map((name) => ({
    folder: `packages/${name}`,
    manifest: { name, version: '0.0.0' },
  }))
  expect(overviewProblems('[a](packages/a), [b](packages/b)\n', members)).toEqual([])
  expect(overviewProblems(`[a](packages/a)${'\n\ntext'.repeat(60)}\n`, members)).toEqual([
    'has 121 lines, at most 120: move some to a README of a package',
    'does not name b',
  ])
})

// N12
it('the README says that no registry has the packages yet, and how to have them all the same', () => {
  const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  const readme = read('README.md')
  expect(readme).toMatch(/not in the npm registry yet/)
  const [command] = /release:dry --packed --keep (\S+)`/.exec(readme) ?? []
  expect(command).toBeDefined()
  expect(readme).toMatch(/npm install \S*\.tgz/)
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  expect(scripts).toHaveProperty('release:dry')
})
