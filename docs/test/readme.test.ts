import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsWaku, lean, lip, logosDelivery, logosDeliveryRaw } from '@reliable-channels/channel'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT, SCOPE, publishedPackages, readManifest } from '../../scripts/project.ts'

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8')
const readme = read('README.md')

describe('what the README says of the project', () => {
  it('brings a Node.js of its own, and is installed by the first command', () => {
    expect(readManifest(PROJECT_ROOT).devDependencies!['node']).toMatch(/^\d+\.\d+\.\d+$/)
    const workspace = read('pnpm-workspace.yaml')
    expect(workspace).toMatch(/^verifyDepsBeforeRun: install$/m)
    expect(workspace).toMatch(/^allowBuilds:\n(?: .*\n)*? +node: true$/m)
  })

  it('names commands that there are', () => {
    const { scripts } = readManifest(PROJECT_ROOT) as unknown as { scripts: Record<string, string> }
    const named = [...readme.matchAll(/npx pnpm@12 ([\w:-]+)/g)].map(([, name]) => name!)
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  it('names the packages that ask for a newer Node.js', () => {
    const newer = publishedPackages(PROJECT_ROOT)
      .filter(({ manifest }) => manifest.engines!.node !== '>=20.19')
      .map(({ manifest }) => manifest.name.slice(SCOPE.length))
    const [, list] = /\(22\.12 for those that need libp2p: ([^)]*)\)/.exec(readme.replaceAll('\n', ' '))!
    expect([...list!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!).toSorted()).toEqual(newer.toSorted())
  })

  it('says of each profile what it puts on the wire', () => {
    const rows = [...readme.matchAll(/^\| `(\w+)`[^|]*\|[^|]*\| `(\w+)` +\| (\w+) +\|$/gm)].map(
      ([, name, sds, segments]) => ({ name, sds, segments }),
    )
    const profiles = [lip, lean, jsWaku, logosDelivery, logosDeliveryRaw].map(({ name, sds, segments }) => ({
      name,
      sds,
      segments: segments === 'current' ? 'present' : 'none',
    }))
    expect(rows).toEqual(profiles)
  })
})
