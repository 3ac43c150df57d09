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
