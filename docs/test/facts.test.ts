import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { maxPayloadBytes } from '@reliable-channels/segmentation/core'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT, SCOPE, publishedPackages, readManifest, sourceFiles } from '../../scripts/project.ts'

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8')
const pages = sourceFiles(PROJECT_ROOT, 'docs/pages/**/*.md').map((path) => ({ path, text: read(path) }))

describe('what the pages say in words', () => {
  it('names commands that the project has', () => {
    const { scripts } = readManifest(PROJECT_ROOT) as unknown as { scripts: Record<string, string> }
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npx pnpm@12 (?<name>[\w:-]+)/g)]
        .map(({ groups }) => groups!['name']!)
        .filter((name) => !(name in scripts))
        .map((name) => `${path}: ${name}`),
    )
    expect(unknown).toEqual([])
  })

  it('names packages that are published', () => {
    const published = publishedPackages(PROJECT_ROOT).map(({ manifest }) => manifest.name.slice(SCOPE.length))
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/@reliable-channels\/(?<name>[a-z][\w-]*)/g)]
        .map(({ groups }) => groups!['name']!)
        .filter((name) => !published.includes(name))
        .map((name) => `${path}: ${name}`),
    )
    expect(unknown).toEqual([])
  })

  it('reads moments off the timeline of a lost message that are on it', () => {
    const timeline = read('packages/sds/README.md')
    const moments = [...read('docs/pages/understand/lost-message.md').matchAll(/\b\d\.\d{3}\b/g)].map(String)
    expect(moments.length).toBeGreaterThan(7)
    expect(moments.filter((moment) => !timeline.includes(`    ${moment}  `))).toEqual([])
  })

  it('says how large a message may be', () => {
    expect(Math.floor(maxPayloadBytes() / 1e6)).toBe(26)
  })
})
