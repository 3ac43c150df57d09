import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { preview } from 'vite'
import { buildPage, pageConfig } from './build-page.ts'

const usage = `npx pnpm@12 example [--port PORT]

Builds the page that shows the library at work, serves it on this machine alone, and prints its address.`

/** Builds and serves the page until the process is ended. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '4180' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error(`--port is a number from 0 to 65535, not ${values.port}\n\n${usage}`)
    return 2
  }
  const outDir = fileURLToPath(new URL('../../dist/page', import.meta.url))
  console.log('building the page …')
  await buildPage(outDir)
  const server = await preview({ ...pageConfig(outDir), preview: { host: '127.0.0.1', port } })
  const [address] = server.resolvedUrls?.local ?? []
  console.log(`the page is at ${address ?? `http://127.0.0.1:${port}/`}\nCtrl+C ends it`)
  return 0
}

process.exitCode = await main()
