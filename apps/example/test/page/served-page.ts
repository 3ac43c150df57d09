import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** The built page, served on the loopback interface. */
export interface ServedPage {
  readonly url: string
  /** Where its files are, once it was asked for. */
  readonly folder: string
}

/** Serves the page; the first request has it built, into a folder of its own. */
export async function servePage(): Promise<ServedPage & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'example-page-'))
  let built: Promise<void> | undefined
  const load = async (name: string): Promise<Buffer> => {
    built ??= import('../../src/serve/build-page.ts').then(({ buildPage }) => buildPage(folder))
    await built
    return readFile(join(folder, name))
  }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const name = normalize(pathname === '/' ? '/index.html' : pathname)
    load(name).then(
      (bytes) => response.setHeader('content-type', TYPES[extname(name)] ?? 'text/plain').end(bytes),
      (error) => response.writeHead(404).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    folder,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until a page is built. */
export async function untilBuilt(url: string): Promise<void> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the page is not built: ${await response.text()}`)
}
