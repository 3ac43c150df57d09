import { onlyNames } from '@reliable-channels/options'
import { check } from '../check.ts'
import { checkChanges } from '../check-changes.ts'
import { StoreClosedError, StoreTimeoutError } from '../errors.ts'
import type { Change, CorruptEntry, Entry, Store } from '../store.ts'
import { decodeStored, encodeStored } from './entry-format.ts'
import { type LevelDatabase, type LevelOperation, VIEWS } from './level-database.ts'
import { answerWithin } from './answer-within.ts'
import { isDeadHandle } from './dead-handle.ts'
import { openDatabase, reopenDatabase, reopeningsOf, whenReopened } from './open-database.ts'
import { isCorruption, prefixRange, readRange } from './read-range.ts'
import { writeStrictly } from './strict-write.ts'
import { WriteQueue } from './write-queue.ts'

/** Options of {@link levelStore}. */
export interface LevelStoreOptions {
  /**
   * Each write waits until the medium has it, so that it survives a loss of power and not only the end of the process.
   * Costs a flush of the disk for each write, or for all that come while another is under way. @default false
   */
  readonly sync?: boolean
  /**
   * Put before each key, so that several stores may share a database. None may be the beginning of another.
   * @default ''
   */
  readonly prefix?: string
  /** Whether {@link Store.close} closes the database too. Say `false` when others use it. @default true */
  readonly closeDatabase?: boolean
  /**
   * How long the database may take for each thing: to open, to read a page of entries, to write, to close, ms; above 0.
   * @limit It rejects (`ERR_STORE_TIMEOUT`), and the database is opened anew; an opening that succeeds later is used.
   * @default 10_000
   */
  readonly limitMs?: number
  /** Told of each entry that cannot be read and is passed over. The entry is left where it is. */
  readonly onCorrupt?: (entry: CorruptEntry) => void
}

/** All names of options: one that is misspelt would be ignored. */
const NAMES = Object.keys({
  sync: 1,
  prefix: 1,
  closeDatabase: 1,
  limitMs: 1,
  onCorrupt: 1,
} satisfies Record<keyof LevelStoreOptions, 1>)

const encoder = new TextEncoder()
/** Without `ignoreBOM` it would swallow U+FEFF at the beginning of a key. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * A store in a LevelDB directory (`classic-level`), in IndexedDB (`browser-level`), or in another database of that family.
 *
 * The database is opened if it is not open yet, and closed and opened anew after a write that failed, and when its handle
 * is dead: then what was asked for is tried once more. One that does not answer within a limit is opened anew as well, so
 * that a write that hangs can neither hold up later ones nor overtake them. Each entry carries a checksum, so that one
 * damaged on the medium is passed over and reported, and costs no other.
 *
 * Methods reject with {@link StoreLockedError} while another process has the directory open, with
 * {@link UnsupportedFormatError} at an entry of a newer version, otherwise with the database's own errors.
 *
 * @throws {@link StoreOptionError}
 * @example
 * const store = levelStore(new ClassicLevel('./channels'), { sync: true })
 */
export function levelStore(
  database: LevelDatabase,
  options: LevelStoreOptions = {},
): Store & AsyncDisposable {
  checkOptions(database, options)
  return new LevelStore(database, options)
}

function checkOptions(database: LevelDatabase, options: LevelStoreOptions): void {
  check.object('database', database, 'a database such as new ClassicLevel(path)')
  for (const name of ['open', 'close', 'get', 'batch', 'iterator'] as const) {
    check.function(`database.${name}`, database[name])
  }
  check.object('options', options)
  onlyNames(check, options, NAMES)
  const { sync = false, prefix = '', closeDatabase = true, limitMs, onCorrupt } = options
  check.boolean('sync', sync)
  check.that(typeof prefix === 'string' && prefix.isWellFormed(), 'prefix', 'well-formed text', prefix)
  check.boolean('closeDatabase', closeDatabase)
  if (limitMs !== undefined) check.above('limitMs', limitMs, 0)
  check.callback('onCorrupt', onCorrupt)
}

/** Whoever asked for an entry, where it is damaged. */
type Told = (entry: CorruptEntry) => void

class LevelStore implements Store, AsyncDisposable {
  readonly checksEntries = true
  readonly #database: LevelDatabase
  readonly #options: LevelStoreOptions
  readonly #prefix: string
  readonly #limitMs: number
  /** The latest attempt to open the database. */
  #ready: Promise<void>
  #openFailed = false
  /** Databases may take concurrent writes in any order; a store may not. */
  readonly #writes = new WriteQueue((operations) => this.#apply(operations))
  #closing: Promise<void> | undefined

  constructor(database: LevelDatabase, options: LevelStoreOptions) {
    this.#database = database
    this.#options = options
    this.#prefix = options.prefix ?? ''
    this.#limitMs = options.limitMs ?? 10_000
    this.#ready = this.#attempt(openDatabase(database))
  }

  async get(key: string, onCorrupt?: Told): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    await this.#available()
    // An ill-formed key would be encoded as another key.
    if (!key.isWellFormed()) return undefined
    const bytes = this.#key(key)
    let stored: Uint8Array | undefined
    try {
      stored = await this.#again(() => answerWithin(this.#limitMs, () => this.#database.get(bytes, VIEWS)))
    } catch (error) {
      if (!isCorruption(error)) throw error
      this.#tell({ key, reason: 'unreadable' }, onCorrupt)
    }
    return stored && this.#decode(bytes, stored, onCorrupt)
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#checkOpen()
    checkChanges(changes)
    const operations = changes.map(({ key, value }): LevelOperation => {
      const bytes = this.#key(key)
      return value === undefined
        ? { type: 'del', key: bytes }
        : { type: 'put', key: bytes, value: encodeStored(bytes, value) }
    })
    return this.#writes.write(operations)
  }

  async *entries(prefix: string, onCorrupt?: Told): AsyncGenerator<Entry> {
    this.#checkOpen()
    await this.#available()
    if (!prefix.isWellFormed()) return
    const range = prefixRange(this.#key(prefix))
    const unreadable = (): void => this.#tell({ key: prefix, reason: 'unreadable' }, onCorrupt)
    // A listing shows one moment: once it has begun, it cannot begin anew.
    const listing = await this.#again(async () => {
      const entries = readRange({ database: this.#database, range, limitMs: this.#limitMs, unreadable })
      return { first: await entries.next(), entries }
    })
    for await (const [key, stored] of startingWith(listing.first, listing.entries)) {
      const value = this.#decode(key, stored, onCorrupt)
      if (value !== undefined) yield { key: this.#name(key), value }
      this.#checkOpen()
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#finish())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #finish(): Promise<void> {
    const written = await this.#ends(() => this.#writes.idle())
    const opened = await this.#ends(() => this.#ready)
    if (this.#options.closeDatabase ?? true) await answerWithin(this.#limitMs, () => this.#database.close())
    if (!written || !opened) throw new StoreTimeoutError(this.#limitMs)
  }

  /** Whether something ends within the limit, one way or the other. */
  async #ends(ask: () => Promise<void>): Promise<boolean> {
    try {
      await answerWithin(this.#limitMs, ask)
    } catch (error) {
      if (error instanceof StoreTimeoutError) return false
    }
    return true
  }

  async #apply(operations: LevelOperation[]): Promise<void> {
    await this.#available()
    const { sync = false } = this.#options
    const write = (): Promise<void> =>
      answerWithin(this.#limitMs, () => {
        const strictly = sync ? writeStrictly(this.#database, operations) : undefined
        return strictly ?? this.#database.batch(operations, { ...VIEWS, ...(sync && { sync }) })
      })
    const before = reopeningsOf(this.#database)
    try {
      await write()
    } catch (error) {
      this.#recover()
      if (!isDeadHandle(error) || reopeningsOf(this.#database) === before) throw error
      await this.#available()
      await write()
    }
  }

  /** Reads; on a dead handle, once more after the database was opened anew. A database that does not answer is not asked again. */
  async #again<T>(read: () => Promise<T>): Promise<T> {
    const before = reopeningsOf(this.#database)
    try {
      return await read()
    } catch (error) {
      const isSilent = error instanceof StoreTimeoutError
      if (!isSilent && !isDeadHandle(error)) throw error
      // Others may have found out at the same time.
      if (reopeningsOf(this.#database) === before) this.#recover()
      if (isSilent || reopeningsOf(this.#database) === before) throw error
      await this.#available()
      return read()
    }
  }

  /**
   * Opens the database anew after a failed write. LevelDB may have left half a record at the end of its log, which
   * would take later ones with it, and after some failures refuses all writes until then.
   */
  #recover(): void {
    // A database that its owner has closed stays closed.
    if (this.#database.status !== 'open') return
    this.#ready = this.#attempt(reopenDatabase(this.#database))
  }

  /** Waits until the database is open; one that could not be opened before is tried again. */
  async #available(): Promise<void> {
    if (this.#openFailed) this.#ready = this.#attempt(openDatabase(this.#database))
    await answerWithin(this.#limitMs, async () => {
      await this.#ready
      // Another store on the same database may have begun to open it anew.
      await whenReopened(this.#database)
    })
  }

  #attempt(opening: Promise<void>): Promise<void> {
    this.#openFailed = false
    opening.catch(() => {
      this.#openFailed = true
    })
    return opening
  }

  #decode(key: Uint8Array, stored: Uint8Array, onCorrupt: Told | undefined): Uint8Array | undefined {
    const value = decodeStored(key, stored)
    if (typeof value !== 'string') return value
    this.#tell({ key: this.#name(key), reason: value }, onCorrupt)
    return undefined
  }

  #tell(entry: CorruptEntry, onCorrupt: Told | undefined): void {
    this.#options.onCorrupt?.(entry)
    onCorrupt?.(entry)
  }

  #key(key: string): Uint8Array {
    return encoder.encode(this.#prefix + key)
  }

  #name(key: Uint8Array): string {
    return decoder.decode(key).slice(this.#prefix.length)
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreClosedError()
  }
}

/** A listing of which the first entry was taken. */
async function* startingWith<T>(
  first: IteratorResult<T, unknown>,
  rest: AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  if (first.done === true) return
  try {
    yield first.value
    yield* rest
  } finally {
    await rest.return()
  }
}
