import { fileURLToPath } from 'node:url'
import { type InlineConfig, type Plugin, build, defaultClientConditions } from 'vite'

const root = fileURLToPath(new URL('../page', import.meta.url))

/** The page is written for React and runs on Preact: 59 kB less to load before the first paint. */
const preactForReact = {
  'react/jsx-runtime': 'preact/jsx-runtime',
  'react-dom/client': 'preact/compat/client',
  'react-dom': 'preact/compat',
  react: 'preact/compat',
}

const laterLeopard = fileURLToPath(new URL('../page/world/later-leopard.ts', import.meta.url))

/** Whoever imports Leopard gets what loads it when it is needed. */
const leopardLater: Plugin = {
  name: 'leopard-later',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === '@reliable-channels/leopard' && importer !== laterLeopard ? laterLeopard : undefined,
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
    plugins: [leopardLater],
    resolve: {
      // abstract-level takes this module from Node or from the bundler, and Vite has none of its own.
      alias: { ...preactForReact, events: fileURLToPath(import.meta.resolve('events/')) },
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
      // Browsers that run the page preload modules by themselves.
      modulePreload: { polyfill: false },
      // One file compresses better than several, and the first paint needs them all.
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
    },
  }
}

/** Builds the page into a folder. */
export async function buildPage(outDir: string): Promise<void> {
  await build(pageConfig(outDir))
}
