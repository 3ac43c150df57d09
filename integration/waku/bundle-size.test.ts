import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { build } from 'vite'
import { beforeAll, describe, expect, it } from 'vitest'

/** Sizes of a page, bytes of gzip. */
interface PageSize {
  /** All that there is. */
  readonly total: number
  /** Bytes that are loaded at the start: the rest is loaded by `import()`. */
  readonly atFirst: number
}

/** How much a browser loads of a page. */
async function sizeOf(page: string, conditions: readonly string[] = []): Promise<PageSize> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: {
      conditions: [...conditions, '@reliable-channels/source', 'browser', 'module', 'import', 'default'],
    },
    build: {
      write: false,
      minify: true,
      target: 'es2023',
      rolldownOptions: { input: fileURLToPath(new URL(`pages/${page}.ts`, import.meta.url)) },
    },
  })
  const files = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    'output' in one ? one.output : [],
  )
  const chunks = new Map(files.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file]] : [])))
  const atFirst = new Set<string>()
  const load = (name: string): void => {
    const chunk = chunks.get(name)
    if (chunk === undefined || atFirst.has(name)) return
    atFirst.add(name)
    for (const imported of chunk.imports) load(imported)
  }
  for (const { isEntry, fileName } of chunks.values()) if (isEntry) load(fileName)
  const bytes = (wanted: (name: string) => boolean): number =>
    files
      .filter(({ fileName }) => wanted(fileName))
      .map((file) => gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }).length)
      .reduce((sum, one) => sum + one, 0)
  return { total: bytes(() => true), atFirst: bytes((name) => atFirst.has(name)) }
}

/** What the README of the channel says of it: the number in the place of `#`. */
function said(words: string): number {
  const readme = readFileSync(new URL('../../packages/channel/README.md', import.meta.url), 'utf8')
  const [before, after] = words.split('#') as [string, string]
  const text = readme.replaceAll(/\s+/g, ' ')
  const end = text.indexOf(after, text.indexOf(before) + before.length)
  return Number(text.slice(text.indexOf(before) + before.length, end))
}

describe('a page with @waku/sdk', () => {
  const grown = { alone: 0, withTransport: 0, withChannel: 0, whenOpened: 0, asES2015: 0 }

  beforeAll(async () => {
    const alone = await sizeOf('sdk-alone')
    const withChannel = await sizeOf('with-channel')
    grown.alone = alone.atFirst
    grown.withTransport = (await sizeOf('with-transport')).total - alone.total
    grown.withChannel = withChannel.total - alone.total
    grown.whenOpened = (await sizeOf('channel-when-opened')).atFirst - alone.atFirst
    grown.asES2015 = withChannel.total - (await sizeOf('with-channel', ['es2015'])).total
  })

  // Guards against growth. Measured, RxJS included: 32.9 kB and 147.4 kB.
  it('grows by at most 32.9 kB of gzip with this transport, by at most 147.4 kB with the channel as well, and by at most 32.9 kB at first if the channel is loaded when it is opened', () => {
    expect(grown.alone).toBeGreaterThan(50_000)
    expect(grown.withTransport).toBeLessThanOrEqual(32_900)
    expect(grown.withChannel).toBeLessThanOrEqual(147_400)
    // A page that imports the channel only when it is needed loads this much before that.
    expect(grown.whenOpened).toBeLessThanOrEqual(32_900)
  })

  it.each([
    ['alone', 'A page with `@waku/sdk` (# kB'],
    ['withTransport', 'grows by # kB with `@reliable-channels/transport-waku`'],
    ['withChannel', '`@reliable-channels/transport-waku` and by # kB with the channel as well'],
    ['whenOpened', 'At first the page grows by # kB'],
    ['asES2015', 'in Vite saves # kB'],
  ] as const)('is as large as the README of the channel says, within a kilobyte: %s', (which, words) => {
    expect(Math.abs(said(words) - grown[which] / 1_000)).toBeLessThan(1)
  })
})
