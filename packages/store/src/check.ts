import { type Checks, createChecks } from '@reliable-channels/options'

/** What was to become a store, or to be held, is none: a mistake of the caller. */
export class StoreOptionError extends TypeError {
  override readonly name = 'StoreOptionError'
  readonly code = 'ERR_STORE_OPTION'
}

/** What callers hand over is what it should be, or a {@link StoreOptionError} says why not. */
export const check: Checks = createChecks((message) => new StoreOptionError(message))
