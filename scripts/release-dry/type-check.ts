import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Example } from '../packed-examples.ts'
import { runCommand } from './run-command.ts'

/** What resolves modules: Node.js and a bundler. */
export const RESOLUTIONS = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
] as const

/** Packages under the aliases by which the project at hand has them: the newest, and the oldest that READMEs allow. */
export const COMPILERS: readonly { readonly alias: string; readonly range: string }[] = [
  { alias: 'typescript', range: 'npm:typescript@7.0.2' },
  { alias: 'typescript-oldest', range: 'npm:typescript@5.9.3' },
]

/** Packages whose README says that `skipLibCheck` is needed: declarations of libp2p do not pass a check of their own. */
const ON_LIBP2P = /^(?:libp2p-tuning|transport-waku|waku-devnet)\//

/**
 * Checks the examples in the project at `folder` as strictly as TypeScript can, each way of resolving modules, with each
 * compiler, the declarations of the packages included.
 *
 * @returns How many checks there were.
 */
export async function checkTypes(folder: string, examples: readonly Example[]): Promise<number> {
  for (const { title, source } of examples) {
    const file = join(folder, 'typed', title)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, readFileSync(source, 'utf8'))
  }
  let checks = 0
  for (const { alias } of COMPILERS) {
    for (const resolution of RESOLUTIONS) {
      for (const skipLibCheck of [false, true]) {
        const files = examples.filter(({ title }) => ON_LIBP2P.test(title) === skipLibCheck)
        const config = join(folder, `tsconfig.${checks++}.json`)
        const compilerOptions = {
          ...resolution,
          skipLibCheck,
          target: 'es2024',
          lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noEmit: true,
        }
        writeFileSync(
          config,
          JSON.stringify({ compilerOptions, files: files.map(({ title }) => `typed/${title}`) }, null, 2),
        )
        await runCommand([process.execPath, join('node_modules', alias, 'bin/tsc'), '--project', config], {
          cwd: folder,
          limitMs: 900_000,
        })
      }
    }
  }
  return checks
}
