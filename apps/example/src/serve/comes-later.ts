import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const parity = fileURLToPath(new URL('../page/stand-ins/parity.ts', import.meta.url))

/** Parity, and the search for corrupt segments, which goes by it: loaded by `loadParity()`. */
const WITH_PARITY: Readonly<Record<string, readonly string[]>> = {
  '/segmentation/src/core/parity.ts': ['chunkParity'],
  '/segmentation/src/core/recover.ts': ['recoverParts', 'trimByHash'],
  '/segmentation/src/core/suspicions.ts': ['suspicions'],
}

/** The page keeps what it shows by itself, and asks no channel for its past: loaded when it is called. */
const WHEN_CALLED: Readonly<Record<string, readonly string[]>> = {
  '/channel/src/receiving/history.ts': ['historyPage'],
}

const LATER = '?comes-later'

const namesOf = (
  all: Readonly<Record<string, readonly string[]>>,
  id: string,
): readonly string[] | undefined => Object.entries(all).find(([path]) => id.endsWith(`${path}${LATER}`))?.[1]

const isLater = (id: string): boolean =>
  [WITH_PARITY, WHEN_CALLED].some((all) => Object.keys(all).some((path) => id.endsWith(path)))

/** In the place of modules that the first paint has no use for there is what loads them, and calls them then. */
export const comesLater: Plugin = {
  name: 'comes-later',
  enforce: 'pre',
  async resolveId(source, importer = '') {
    // Among themselves they are as they are.
    if (!source.startsWith('.') || importer.endsWith(LATER) || isLater(importer)) return undefined
    const found = await this.resolve(source, importer, { skipSelf: true })
    return found !== null && isLater(found.id) ? `${found.id}${LATER}` : undefined
  },
  load(id) {
    const real = JSON.stringify(id.slice(0, -LATER.length))
    const whenCalled = namesOf(WHEN_CALLED, id)
    if (whenCalled !== undefined)
      return whenCalled
        .map((name) => `export const ${name} = async (...given) => (await import(${real})).${name}(...given)`)
        .join('\n')
    const withParity = namesOf(WITH_PARITY, id)
    if (withParity === undefined) return undefined
    return `import { withParity } from ${JSON.stringify(parity)}
let loaded
withParity(async () => { loaded = await import(${real}) })
${withParity.map((name) => `export const ${name} = (...given) => loaded.${name}(...given)`).join('\n')}`
  },
}
