import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { build } from 'vite'
import { describe, expect, it } from 'vitest'

/** Size of a page as a browser loads it, bytes of gzip. */
async function gzipBytes(page: string): Promise<number> {
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
  const outputs = Array.isArray(result) ? result : [result]
  return outputs
    .flatMap((output) => ('output' in output ? output.output : []))
    .reduce(
      (sum, file) => sum + gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }).length,
      0,
    )
}

describe('a page with @waku/sdk', () => {
  // A guard against growth: measured 19.5 kB and 92.8 kB, RxJS included.
  it('grows by at most 21 kB of gzip with this transport, and by at most 95 kB with the channel as well', async () => {
    const alone = await gzipBytes('sdk-alone')
    const withTransport = (await gzipBytes('with-transport')) - alone
    const withChannel = (await gzipBytes('with-channel')) - alone
    expect(alone).toBeGreaterThan(50_000)
    expect(withTransport).toBeLessThanOrEqual(21_000)
    expect(withChannel).toBeLessThanOrEqual(95_000)
  }, 90_000)
})
