import { type Store, memoryStore } from '@reliable-channels/store'

/** A store that notes the keys of each write. */
export function countedStore(disk?: Map<string, Uint8Array>): { store: Store; writes: string[][] } {
  const inner = memoryStore(disk)
  const writes: string[][] = []
  const store: Store = {
    get: (key) => inner.get(key),
    entries: (prefix) => inner.entries(prefix),
    close: () => inner.close(),
    write(changes) {
      writes.push(changes.map(({ key }) => key))
      return inner.write(changes)
    },
  }
  return { store, writes }
}
