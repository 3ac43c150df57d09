import { type Checks, createChecks } from '@reliable-channels/options'

/** A database, an option or a name of which no store or lock can be made: a mistake of the caller. */
export class StoreOptionError extends TypeError {
  override readonly name = 'StoreOptionError'
  readonly code = 'ERR_STORE_OPTION'
}

/** Checks of arguments, which throw a {@link StoreOptionError}. */
export const check: Checks = createChecks((message) => new StoreOptionError(message))
