import { StoreLockedError } from '../errors.ts'
import type { LevelDatabase } from './level-database.ts'

/** Opens a database that may be open already; a directory held by another process is told apart from other failures. */
export function openDatabase(database: LevelDatabase): Promise<void> {
  return database.open().catch((error: unknown) => {
    throw isLocked(error) ? lockedError(database, error) : error
  })
}

function isLocked(error: unknown): boolean {
  return codeOf(error) === 'LEVEL_LOCKED' || codeOf((error as Error).cause) === 'LEVEL_LOCKED'
}

function lockedError(database: LevelDatabase, cause: unknown): StoreLockedError {
  const where = 'location' in database && typeof database.location === 'string' ? ` ${database.location}` : ''
  return new StoreLockedError(
    `the store${where} is open elsewhere, in another process or in this one; close it there (closing a channel leaves its store open), or use a directory of your own`,
    { cause },
  )
}

/** Databases that are being closed and opened anew: all stores on one of them must wait, whoever began it. */
const reopening = new WeakMap<LevelDatabase, Promise<void>>()

/** How often each database was opened anew. */
const reopenings = new WeakMap<LevelDatabase, number>()

/** How often a database was opened anew, or has begun to be. */
export function reopeningsOf(database: LevelDatabase): number {
  return reopenings.get(database) ?? 0
}

/** Closes an open database and opens it anew. */
export function reopenDatabase(database: LevelDatabase): Promise<void> {
  reopenings.set(database, reopeningsOf(database) + 1)
  const reopened = database
    .close()
    .then(() => openDatabase(database))
    .finally(() => reopening.delete(database))
  reopening.set(database, reopened)
  return reopened
}

/** Waits while {@link reopenDatabase} is at work; rejects with what kept it from opening. */
export async function whenReopened(database: LevelDatabase): Promise<void> {
  await reopening.get(database)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
