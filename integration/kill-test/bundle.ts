import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A script that starts quickly. */
export interface Bundled extends AsyncDisposable {
  readonly path: string
}

const conditions = ['@reliable-channels/source', 'module', 'import', 'node', 'default']

/** The environment in which Node keeps the compiled script beside it. */
export function compiledIn(path: string): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: join(dirname(path), 'compiled') }
}

/** Bundles the process that is killed into one file: some two hundred small ones would be read for each life. */
export async function bundleChild(): Promise<Bundled> {
  // Where `classic-level`, which has native code, is found.
  const outDir = await mkdtemp(fileURLToPath(new URL('../node_modules/.kill-test-', import.meta.url)))
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['classic-level'], resolve: { conditions } },
    build: {
      ssr: fileURLToPath(new URL('./child.ts', import.meta.url)),
      outDir,
      minify: false,
      target: 'node22',
      rolldownOptions: { output: { entryFileNames: 'child.mjs', codeSplitting: false } },
    },
  })
  const path = join(outDir, 'child.mjs')
  // One that ends in peace leaves its compiled code to those that will not.
  execFileSync(process.execPath, [path], { env: compiledIn(path) })
  return {
    path,
    [Symbol.asyncDispose]: () => rm(outDir, { recursive: true }),
  }
}
