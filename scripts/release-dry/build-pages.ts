import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PROJECT_ROOT } from '../project.ts'
import { runCommand } from './run-command.ts'

/** A page as a bundler made it. */
export interface BuiltPage {
  readonly bundler: string
  readonly bytes: number
  readonly gzipBytes: number
}

/** Runs in the project at hand, with its own Vite and esbuild; prints the modules of each page, a line for each. */
const BUILD = `
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
const made = await esbuild({
  entryPoints: ['page.js'], outfile: 'esbuild.mjs', bundle: true, minify: true, format: 'esm', platform: 'browser',
  metafile: true, logLevel: 'error',
})
for (const module of Object.keys(made.metafile.inputs)) console.log('esbuild', module)
await vite({
  configFile: false, logLevel: 'error', root: '.',
  build: { outDir: 'vite', minify: true, modulePreload: false, rolldownOptions: { output: { entryFileNames: 'page.mjs' } } },
  plugins: [{ name: 'modules', generateBundle() { for (const id of this.getModuleIds()) console.log('vite', id) } }],
})
`

/**
 * Builds the page in the project at \`folder\` with esbuild and Vite, runs what they made, and weighs it.
 *
 * @throws Error when something of \`@waku\` is inside, or the page does not do what it should.
 */
export async function buildPages(folder: string, expected: string): Promise<BuiltPage[]> {
  const page = readFileSync(join(PROJECT_ROOT, 'integration/release/page.ts'), 'utf8')
  writeFileSync(join(folder, 'page.js'), stripTypeScriptTypes(page))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="/page.js"></script>')
  writeFileSync(join(folder, 'build.mjs'), BUILD)
  const { stdout } = await runCommand([process.execPath, 'build.mjs'], { cwd: folder, limitMs: 600_000 })
  const pages: BuiltPage[] = []
  for (const [bundler, file] of [
    ['esbuild', 'esbuild.mjs'],
    ['vite', 'vite/page.mjs'],
  ] as const) {
    const modules = stdout.split('\n').filter((line) => line.startsWith(`${bundler} `))
    const unwanted = modules.filter((line) => /@waku|libp2p/.test(line))
    if (modules.length < 2) throw new Error(`${bundler} names no modules`)
    if (unwanted.length > 0) throw new Error(`a page of one stage holds ${unwanted.join(', ')}`)
    const ran = await runCommand([process.execPath, file], { cwd: folder, limitMs: 120_000 })
    if (ran.stdout !== expected) throw new Error(`the page of ${bundler} printed ${ran.stdout}`)
    const built = readFileSync(join(folder, file))
    pages.push({ bundler, bytes: built.length, gzipBytes: gzipSync(built, { level: 9 }).length })
  }
  return pages
}
