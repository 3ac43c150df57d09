import { fileURLToPath } from 'node:url'
import { type InlineConfig, build, defaultClientConditions } from 'vite'

const root = fileURLToPath(new URL('../page', import.meta.url))

/** How the page is put together, from the sources of the workspace. */
export function pageConfig(outDir: string): InlineConfig {
  return {
    root,
    // Wherever the files are served from.
    base: './',
    configFile: false,
    logLevel: 'error',
    resolve: {
      // RxJS as ES2015 is smaller than as ES5.
      conditions: ['@reliable-channels/source', 'es2015', ...defaultClientConditions],
    },
    build: { outDir, emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 2_000 },
  }
}

/** Builds the page into a folder. */
export async function buildPage(outDir: string): Promise<void> {
  await build(pageConfig(outDir))
}
