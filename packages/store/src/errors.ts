/** The store was closed; it takes no more requests. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError'
  readonly code = 'ERR_STORE_CLOSED'

  constructor() {
    super('the store is closed; open a new one')
  }
}

/** A change that no store can keep: a mistake of the caller. Nothing of its write was applied. */
export class InvalidChangeError extends Error {
  override readonly name = 'InvalidChangeError'
  readonly code = 'ERR_INVALID_CHANGE'
}

/** Somebody else holds the store: another process has the directory open, or another tab the lock. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError'
  readonly code = 'ERR_STORE_LOCKED'
}

/** The store was written by a newer version of this package. Nothing is wrong with it; update the package. */
export class UnsupportedFormatError extends Error {
  override readonly name = 'UnsupportedFormatError'
  readonly code = 'ERR_STORE_FORMAT'

  constructor(format: number) {
    super(`entry of format ${format}: this version reads format 1; update @reliable-channels/store`)
  }
}

/** The platform has no Web Locks; see {@link exclusive}. */
export class LocksUnavailableError extends Error {
  override readonly name = 'LocksUnavailableError'
  readonly code = 'ERR_LOCKS_UNAVAILABLE'
}

/** The database did not answer within its limit. What was being written may be stored, or not. */
export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError'
  readonly code = 'ERR_STORE_TIMEOUT'

  constructor(limitMs: number) {
    super(`the database did not answer within ${limitMs} ms; what was being written may not be stored`)
  }
}
