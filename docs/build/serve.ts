import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildSite } from './build.ts'

const usage = `npx pnpm@12 docs:serve [--port PORT]

Builds the documentation, serves it on this machine alone, and prints its address.`

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '4190' }, help: { type: 'boolean', default: false } },
  })
  const port = Number(values.port)
  const isPort = Number.isInteger(port) && port >= 0 && port <= 65_535
  if (values.help || !isPort) {
    console.log(isPort ? usage : `--port is a number from 0 to 65535, not ${values.port}\n\n${usage}`)
    return isPort ? 0 : 2
  }
  const folder = fileURLToPath(new URL('../dist', import.meta.url))
  console.log('building the site …')
  const { problems } = await buildSite(folder)
  for (const problem of problems) console.log(problem)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = join(folder, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname))
    if (!existsSync(file) || extname(file) === '') response.writeHead(404).end('There is no such page.')
    else createReadStream(file).pipe(response.setHeader('content-type', typeOf(file)))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  console.log(`the site is at http://127.0.0.1:${(server.address() as AddressInfo).port}/\nCtrl+C ends it`)
  return 0
}

const typeOf = (file: string): string =>
  `${TYPES[extname(file)] ?? 'application/octet-stream'}; charset=utf-8`

process.exitCode = await main()
