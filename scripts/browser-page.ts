import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { build } from 'vite'

/** Bundles a module with what it imports, from the sources of the workspace, into one script for browsers. */
export async function bundleForBrowser(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    // abstract-level takes this module from Node or from the bundler, and Vite has none of its own: the entry's package has.
    resolve: {
      alias: { events: createRequire(entry).resolve('events/') },
      conditions: ['@reliable-channels/source', 'browser', 'module', 'import', 'default'],
    },
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      lib: { entry, formats: ['es'], fileName: 'bundle' },
    },
  })
  const outputs = Array.isArray(result) ? result : [result]
  const chunk = outputs
    .flatMap((output) => ('output' in output ? output.output : []))
    .find(({ type }) => type === 'chunk')
  if (chunk?.type !== 'chunk') throw new Error(`nothing came of bundling ${entry}`)
  return chunk.code
}

/** A page on the loopback interface, which browsers take for secure. */
export interface ServedPage extends AsyncDisposable {
  readonly url: string
}

/** Serves an empty page that runs `script` as a module, with these response headers. */
export async function servePage(
  script: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ServedPage> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js'
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(
      isScript
        ? script
        : '<!doctype html><meta charset="utf-8"><script type="module" src="/script.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
