import type { LevelDatabase, LevelOperation } from './level-database.ts'

/** The part of IndexedDB that is used; declared here because servers have no types for it. */
interface Idb {
  transaction(stores: string[], mode: 'readwrite', options: { durability: 'strict' }): IdbTransaction
}

interface IdbTransaction {
  objectStore(name: string): { put(value: unknown, key: unknown): unknown; delete(key: unknown): unknown }
  readonly error: unknown
  oncomplete: (() => void) | null
  onabort: (() => void) | null
  abort(): void
}

interface BrowserDatabase {
  readonly type: 'browser-level'
  readonly location: string
  /** The connection. */
  readonly db: Idb
}

/**
 * Writes to a `browser-level` database with strict durability, which its own `batch` cannot ask for.
 *
 * @returns When it is written; `undefined`, and nothing is done, when the database is another one.
 */
export function writeStrictly(
  database: LevelDatabase,
  operations: readonly LevelOperation[],
): Promise<void> | undefined {
  if (!isBrowserDatabase(database) || operations.length === 0) return undefined
  const { db, location } = database
  const transaction = db.transaction([location], 'readwrite', { durability: 'strict' })
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
  })
  try {
    const store = transaction.objectStore(location)
    for (const operation of operations) {
      if (operation.type === 'del') store.delete(operation.key)
      else store.put(operation.value, operation.key)
    }
  } catch (error) {
    // Without this, the operations so far would be committed.
    transaction.abort()
    return done.then(
      () => Promise.reject(error),
      () => Promise.reject(error),
    )
  }
  return done
}

function isBrowserDatabase(database: object): database is BrowserDatabase {
  return 'type' in database && database.type === 'browser-level'
}
