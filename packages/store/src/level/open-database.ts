import { StoreLockedError } from '../errors.ts'
import type { LevelDatabase } from './level-database.ts'

/** Opens a database that may be open already; a directory held by another process is told apart from other failures. */
export async function openDatabase(database: LevelDatabase): Promise<void> {
  try {
    await database.open()
  } catch (error) {
    if (codeOf(error) !== 'LEVEL_LOCKED' && codeOf((error as Error).cause) !== 'LEVEL_LOCKED') throw error
    const where =
      'location' in database && typeof database.location === 'string' ? ` ${database.location}` : ''
    throw new StoreLockedError(
      `the store${where} is open elsewhere, in another process or in this one; close it there (closing a channel leaves its store open), or use a directory of your own`,
      { cause: error },
    )
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
