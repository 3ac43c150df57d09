import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type InlineConfig, type Plugin, build, defaultClientConditions } from 'vite'
import { comesLater } from './comes-later.ts'
import { keccakLater, noNode, noScheduled, plainImports, smallerFirst } from './smaller-script.ts'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../page', import.meta.url))

/** The page is written for React and runs on Preact: 61 kB less to load before the first paint. */
const preactForReact = {
  'react/jsx-runtime': 'preact/jsx-runtime',
  'react-dom/client': fileURLToPath(new URL('../page/stand-ins/react-dom.ts', import.meta.url)),
  react: fileURLToPath(new URL('../page/stand-ins/react.ts', import.meta.url)),
}

const tslib = fileURLToPath(new URL('../page/stand-ins/tslib.ts', import.meta.url))

const OF_WAKU = '?of-waku'

/**
 * What libp2p needs of `@noble/hashes` is in a copy of its own. One copy for all would be in the first script, with hashes
 * that only libp2p takes.
 */
const hashesOfWaku: Plugin = {
  name: 'hashes-of-waku',
  enforce: 'pre',
  async resolveId(source, importer = '') {
    const isAsked = source.startsWith('@noble/hashes/')
    const isLater = importer.includes('/node_modules/') || source.endsWith('/scrypt.js')
    if (!importer.endsWith(OF_WAKU) && !(isAsked && isLater)) return undefined
    const found = await this.resolve(source, importer.replace(OF_WAKU, ''), { skipSelf: true })
    return found === null ? undefined : `${found.id}${OF_WAKU}`
  },
}

/** How the page is put together, from the sources of the workspace. */
export function pageConfig(outDir: string): InlineConfig {
  return {
    root,
    // Wherever the files are served from.
    base: './',
    configFile: false,
    logLevel: 'error',
    // The same files whoever builds them: tests have another NODE_ENV.
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', development: false } },
    plugins: [comesLater, hashesOfWaku, keccakLater, noNode, noScheduled, plainImports, smallerFirst],
    resolve: {
      // abstract-level takes this module from Node or from the bundler, and Vite has none of its own.
      alias: { ...preactForReact, tslib, events: require.resolve('events/') },
      // For packages of the workspace too, which have React.
      dedupe: ['preact'],
      // RxJS as ES2015 is smaller than as ES5.
      conditions: ['@reliable-channels/source', 'es2015', ...defaultClientConditions],
    },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      chunkSizeWarningLimit: 2_000,
      // What comes later comes in few scripts: a list of who needs whom, in the first one, would be larger than what it saves.
      modulePreload: false,
      // One file compresses better than several, and the first paint needs them all.
      rolldownOptions: {
        treeshake: { propertyReadSideEffects: false, unknownGlobalSideEffects: false },
        output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
      },
    },
  }
}

/** Builds the page into a folder. */
export async function buildPage(outDir: string): Promise<void> {
  await build(pageConfig(outDir))
}
