import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { build } from 'vite'
import { describe, expect, it } from 'vitest'

/** Sizes of a page, bytes of gzip. */
interface PageSize {
  /** All that there is. */
  readonly total: number
  /** Bytes that are loaded at the start: the rest is loaded by `import()`. */
  readonly atFirst: number
}

/** How much a browser loads of a page. */
async function sizeOf(page: string): Promise<PageSize> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@reliable-channels/source', 'browser', 'module', 'import', 'default'] },
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

describe('a page with @waku/sdk', () => {
  // Guards against growth. Measured, RxJS included: 32.8 kB and 146.9 kB.
  it('grows by at most 32.8 kB of gzip with this transport, by at most 146.9 kB with the channel as well, and by at most 32.8 kB at first if the channel is loaded when it is opened', async () => {
    const alone = await sizeOf('sdk-alone')
    const withTransport = await sizeOf('with-transport')
    const withChannel = await sizeOf('with-channel')
    const whenOpened = await sizeOf('channel-when-opened')
    expect(alone.atFirst).toBeGreaterThan(50_000)
    expect(withTransport.total - alone.total).toBeLessThanOrEqual(32_800)
    expect(withChannel.total - alone.total).toBeLessThanOrEqual(146_900)
    // A page that imports the channel only when it is needed loads this much before that.
    expect(whenOpened.atFirst - alone.atFirst).toBeLessThanOrEqual(32_800)
  })
})
