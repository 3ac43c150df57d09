import type { Change, Entry, Store } from '@reliable-channels/store'

/** A store in memory that finds the entries of one channel without looking at all others, as a database does. */
export function shelvedStore(): Store {
  const shelves = new Map<string, Map<string, Uint8Array>>()
  const shelfOf = (key: string): Map<string, Uint8Array> => {
    const name = key.split('/', 2).join('/')
    const shelf = shelves.get(name) ?? new Map<string, Uint8Array>()
    shelves.set(name, shelf)
    return shelf
  }
  return {
    get: (key) => Promise.resolve(shelfOf(key).get(key)),
    write(changes: readonly Change[]) {
      for (const { key, value } of changes) {
        if (value === undefined) shelfOf(key).delete(key)
        else shelfOf(key).set(key, value)
      }
      return Promise.resolve()
    },
    async *entries(prefix: string): AsyncGenerator<Entry> {
      const found = [...shelfOf(prefix)].filter(([key]) => key.startsWith(prefix))
      for (const [key, value] of found.sort(([a], [b]) => (a < b ? -1 : 1))) yield { key, value }
    },
    close: () => Promise.resolve(),
  }
}
