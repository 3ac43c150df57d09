import { type Store, memoryStore } from '@reliable-channels/store'

/** A store that notes the keys of each write, and how many bytes of keys and values there were. */
export function countedStore(disk?: Map<string, Uint8Array>): {
  store: Store
  writes: string[][]
  sizes: number[]
} {
  const inner = memoryStore(disk)
  const writes: string[][] = []
  const sizes: number[] = []
  const store: Store = {
    get: (key) => inner.get(key),
    entries: (prefix) => inner.entries(prefix),
    close: () => inner.close(),
    write(changes) {
      writes.push(changes.map(({ key }) => key))
      sizes.push(changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0))
      return inner.write(changes)
    },
  }
  return { store, writes, sizes }
}
