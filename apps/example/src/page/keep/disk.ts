import { type Change, type Store, exclusive } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { BrowserLevel } from 'browser-level'
import { type Kept, type Recalled, keptChanges, readKept } from './saved-page.ts'

/** Of the database, and of the lock that one tab has. */
const NAME = 'reliable-channels-example'
/** How long the page that is being left may still hold the lock, ms. @limit Then another tab has it. */
const LEAVING_MS = 2_000
/** How long IndexedDB may take for each thing, ms: a photo in three stores is much for a busy machine. @limit Nothing more is kept. */
const DISK_MS = 60_000

/** Where the conversation of this browser is kept: IndexedDB, for one tab at a time. */
export class Disk {
  readonly #store: Store
  readonly #keys: Set<string>
  #writing: Promise<void> = Promise.resolve()

  /** Of {@link Disk.open}. */
  constructor(store: Store, keys: Set<string>) {
    this.#store = store
    this.#keys = keys
  }

  /** @throws StoreLockedError or the signal's reason while another tab keeps its conversation, and what IndexedDB throws */
  static async open(): Promise<{ readonly disk: Disk; readonly recalled: Recalled | undefined }> {
    await exclusive(NAME, { wait: true, signal: AbortSignal.timeout(LEAVING_MS) })
    const store = levelStore(new BrowserLevel(NAME), { limitMs: DISK_MS })
    const entries = new Map<string, Uint8Array>()
    for await (const { key, value } of store.entries('')) entries.set(key, value)
    return { disk: new Disk(store, new Set(entries.keys())), recalled: recalledFrom(entries) }
  }

  /** Writes all of it or nothing, after what was written before; instead of everything that was kept, or in addition. */
  keep(how: 'more' | 'instead', kept: Kept): Promise<void> {
    const gone = how === 'more' ? [] : [...this.#keys].map((key): Change => ({ key, value: undefined }))
    return this.#write([...gone, ...keptChanges(kept)])
  }

  #write(changes: readonly Change[]): Promise<void> {
    for (const { key, value } of changes) {
      if (value === undefined) this.#keys.delete(key)
      else this.#keys.add(key)
    }
    this.#writing = this.#writing.then(() => this.#store.write(changes))
    return this.#writing
  }
}

function recalledFrom(entries: ReadonlyMap<string, Uint8Array>): Recalled | undefined {
  try {
    return readKept(entries)
  } catch {
    // It is of a page that was another: the next conversation takes its place.
    return undefined
  }
}
