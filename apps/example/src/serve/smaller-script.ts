import { minify } from 'terser'
import type { Plugin } from 'vite'

const PRELOAD_HELPER = '\0vite/preload-helper.js'

/**
 * `import()` as it is. Vite has a helper around it, which loads style sheets first: here each script brings its own as text.
 */
export const plainImports: Plugin = {
  name: 'plain-imports',
  enforce: 'pre',
  load: (id) => (id === PRELOAD_HELPER ? 'export const __vitePreload = (load) => load()' : undefined),
}

const NO_NODE = '\0no-node'

/** The page has no Node.js: what would look for its ciphers finds none. */
export const noNode: Plugin = {
  name: 'no-node',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === './node-aead.ts' && importer?.includes('/encryption/') === true ? NO_NODE : undefined,
  load: (id) => (id === NO_NODE ? 'export const findNodeAead = () => undefined' : undefined),
}

const NO_SCHEDULED = '\0no-scheduled'

/** Nothing here has RxJS emit values of `of` or `from` by a scheduler: what would do that is not loaded. */
export const noScheduled: Plugin = {
  name: 'no-scheduled',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source.endsWith('/scheduled/scheduled') && importer?.includes('/rxjs/') === true
      ? NO_SCHEDULED
      : undefined,
  load: (id) =>
    id === NO_SCHEDULED ? 'export const scheduled = () => { throw Error("no scheduled()") }' : undefined,
}

const LATER = '?later'
const KECCAK_LATER = '\0keccak-later'

/**
 * Keccak in TypeScript is for browsers where WebAssembly is missing or forbidden: they load it before all else, and nobody
 * else does. What it imports is in a copy of its own, since the first script waits for it.
 */
export const keccakLater: Plugin = {
  name: 'keccak-later',
  enforce: 'pre',
  async resolveId(source, importer = '') {
    const isOfLater = importer.endsWith(LATER)
    if (!isOfLater && (source !== './typescript.ts' || !importer.includes('/keccak/'))) return undefined
    const found = await this.resolve(source, importer.replace(LATER, ''), { skipSelf: true })
    return found && (isOfLater ? `${found.id}${LATER}` : `${KECCAK_LATER}${found.id}`)
  },
  // What is compiled is the smallest module there is.
  load: (id) =>
    id.startsWith(KECCAK_LATER)
      ? `let later
try { new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) }
catch { later = await import(${JSON.stringify(`${id.slice(KECCAK_LATER.length)}${LATER}`)}) }
export const typescriptKernel = () => later.typescriptKernel()`
      : undefined,
}

/** Goes over the first script once more, after Vite has: 2 % less to load before the first paint. */
export const smallerFirst: Plugin = {
  name: 'smaller-first',
  enforce: 'post',
  async generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk' || !file.isEntry) continue
      const { code } = await minify(file.code, {
        module: true,
        ecma: 2020,
        compress: {
          passes: 4,
          keep_fargs: false,
          pure_getters: true,
          // What stands apart compresses better than what commas join.
          sequences: false,
          unsafe_comps: true,
          unsafe_arrows: true,
          unsafe_methods: true,
        },
      })
      file.code = code ?? file.code
    }
  },
}
