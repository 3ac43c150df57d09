import { check } from './check.ts'
import { checkChanges } from './check-changes.ts'
import { StoreClosedError } from './errors.ts'
import { KeyIndex } from './key-index.ts'
import { compareKeys } from './key-order.ts'
import type { Change, Entry, Store } from './store.ts'

/**
 * A store that lives as long as the process: for tests, and for channels that need not survive a restart.
 *
 * @param medium Where the entries are; a closed store leaves them there, and a new one on the same map finds them again.
 * @throws {@link StoreOptionError}
 * @example
 * const store = memoryStore()
 * await store.write([{ key: 'a', value: Uint8Array.of(1) }])
 */
export function memoryStore(medium?: Map<string, Uint8Array>): Store & AsyncDisposable {
  if (medium === undefined) return new MemoryStore(new Map(), new KeyIndex())
  check.that(isMap(medium), 'medium', 'a Map', medium)
  // An index would not know of entries that others put into their map.
  return new MemoryStore(medium, undefined)
}

/** Whether a value has the methods of a map that are used here, as a `Map` of another realm has. */
function isMap(value: unknown): boolean {
  const map = value as Partial<Map<unknown, unknown>> | null | undefined
  return [map?.get, map?.set, map?.delete, map?.[Symbol.iterator]].every((one) => typeof one === 'function')
}

class MemoryStore implements Store, AsyncDisposable {
  readonly #values: Map<string, Uint8Array>
  readonly #index: KeyIndex | undefined
  #closed = false

  constructor(medium: Map<string, Uint8Array>, index: KeyIndex | undefined) {
    this.#values = medium
    this.#index = index
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    const value = this.#values.get(key)
    // Not `slice`, which shares the memory of a Buffer.
    return value === undefined ? undefined : new Uint8Array(value)
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#checkOpen()
    checkChanges(changes)
    for (const { key, value } of changes) {
      if (value === undefined) this.#values.delete(key)
      else this.#set(key, value)
    }
  }

  entries(prefix: string): AsyncIterable<Entry> {
    // The moment is that of the call, not of the first entry taken.
    const entries: Entry[] = []
    // Half a surrogate pair is no beginning of a key.
    if (!prefix.isWellFormed()) return this.#each(entries)
    for (const key of this.#keysFrom(prefix)) {
      const value = this.#values.get(key)
      if (value !== undefined) entries.push({ key, value })
    }
    entries.sort((a, b) => compareKeys(a.key, b.key))
    return this.#each(entries)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #set(key: string, value: Uint8Array): void {
    const isNew = this.#index !== undefined && !this.#values.has(key)
    this.#values.set(key, value)
    if (isNew) this.#index.add(key, this.#values.size, () => this.#values.keys())
  }

  #keysFrom(prefix: string): readonly string[] {
    if (this.#index !== undefined) return this.#index.matching(prefix)
    return [...this.#values].flatMap(([key]) => (key.startsWith(prefix) ? [key] : []))
  }

  async *#each(entries: readonly Entry[]): AsyncGenerator<Entry> {
    this.#checkOpen()
    for (const { key, value } of entries) {
      yield { key, value: new Uint8Array(value) }
      this.#checkOpen()
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreClosedError()
  }
}
