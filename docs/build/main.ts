import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildSite } from './build.ts'

const usage = `npx pnpm@12 docs:build [--out FOLDER]

Builds the documentation into static files, by default in docs/dist: open index.html there, no server and no network needed.`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const out = values.out ?? fileURLToPath(new URL('../dist', import.meta.url))
  const { pages, problems } = await buildSite(out)
  for (const problem of problems) console.log(problem)
  console.log(`${pages} pages in ${out}, ${problems.length} problems`)
  return problems.length > 0 ? 1 : 0
}

process.exitCode = await main()
