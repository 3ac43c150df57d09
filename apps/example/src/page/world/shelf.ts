import { type Change, type Store, memoryStore } from '@reliable-channels/store'

/**
 * What a world has stored, in memory, and what of it is not on disk yet. Virtual time cannot wait for a disk: so each peer's
 * store answers at once, and the disk gets all changes of all peers together, as they were at one moment.
 */
export class Shelf {
  readonly #media = new Map<string, Map<string, Uint8Array>>()
  #changes = new Map<string, Uint8Array | undefined>()

  /** @param entries What a shelf before has left on disk. */
  constructor(entries: Iterable<readonly [key: string, value: Uint8Array]> = []) {
    for (const [key, value] of entries) {
      const end = key.indexOf('/')
      this.#medium(key.slice(0, end)).set(key.slice(end + 1), value)
    }
  }

  /** The store of one peer. One that is opened later finds what was written. */
  store(peer: string): Store {
    const store = memoryStore(this.#medium(peer))
    return {
      // Memory is never corrupt.
      get: (key) => store.get(key),
      entries: (prefix) => store.entries(prefix),
      close: () => store.close(),
      write: async (changes) => {
        await store.write(changes)
        for (const { key, value } of changes) this.#changes.set(`${peer}/${key}`, value)
      },
    }
  }

  /** What has changed since the last call: the caller puts it on disk, all of it or nothing. */
  take(): readonly Change[] {
    const changes = [...this.#changes].map(([key, value]) => ({ key, value }))
    this.#changes = new Map()
    return changes
  }

  #medium(peer: string): Map<string, Uint8Array> {
    let medium = this.#media.get(peer)
    if (medium === undefined) this.#media.set(peer, (medium = new Map<string, Uint8Array>()))
    return medium
  }
}
