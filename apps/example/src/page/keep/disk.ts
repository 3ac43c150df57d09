import { type Change, type Store, exclusive } from '@reliable-channels/store'
import { levelStore } from '@reliable-channels/store/level'
import { BrowserLevel } from 'browser-level'
import { PackedLog } from './packed-log.ts'
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
  #log: PackedLog
  /** Names of records that are to go with the next write: of a log that cannot be read, or is replaced. */
  #stale: readonly string[]
  #writing: Promise<void> = Promise.resolve()

  /** Of {@link Disk.open}. */
  constructor(store: Store, log: PackedLog, stale: readonly string[]) {
    this.#store = store
    this.#log = log
    this.#stale = stale
  }

  /** @throws StoreLockedError or the signal's reason while another tab keeps its conversation, and what IndexedDB throws */
  static async open(): Promise<{ readonly disk: Disk; readonly recalled: Recalled | undefined }> {
    await exclusive(NAME, { wait: true, signal: AbortSignal.timeout(LEAVING_MS) })
    const store = levelStore(new BrowserLevel(NAME), { limitMs: DISK_MS })
    const records = new Map<string, Uint8Array>()
    for await (const { key, value } of store.entries('')) records.set(key, value)
    try {
      const log = new PackedLog(records)
      return { disk: new Disk(store, log, []), recalled: readKept(log.values) }
    } catch {
      // It is of a page that was another: the next conversation takes its place.
      return { disk: new Disk(store, new PackedLog(new Map()), [...records.keys()]), recalled: undefined }
    }
  }

  /** Writes all of it or nothing, after what was written before; instead of everything that was kept, or in addition. */
  keep(how: 'more' | 'instead', kept: Kept): Promise<void> {
    if (how === 'instead') {
      this.#stale = [...this.#stale, ...this.#log.records]
      this.#log = new PackedLog(new Map())
    }
    const changes = this.#log.write(keptChanges(kept))
    const gone = this.#stale.map((key): Change => ({ key, value: undefined }))
    this.#stale = []
    this.#writing = this.#writing.then(() => this.#store.write([...gone, ...changes]))
    return this.#writing
  }
}
