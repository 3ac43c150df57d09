import { isBytes } from '@reliable-channels/options'
import { InvalidChangeError } from './errors.ts'
import type { Change } from './store.ts'

/**
 * Checks changes as every store must before it applies any.
 *
 * @throws {@link InvalidChangeError} when they are no array, a key is not a well-formed string, or a value not a `Uint8Array`.
 */
export function checkChanges(changes: readonly Change[]): void {
  if (!Array.isArray(changes)) {
    throw new InvalidChangeError(`"changes" expected an array of { key, value }, got ${typeof changes}`)
  }
  for (const { key, value } of changes) {
    if (typeof key !== 'string') throw new InvalidChangeError(`"key" expected a string, got ${typeof key}`)
    if (!key.isWellFormed()) {
      throw new InvalidChangeError(
        `"key" expected well-formed text, got a lone surrogate in ${JSON.stringify(key)}`,
      )
    }
    if (value !== undefined && !isBytes(value)) {
      throw new InvalidChangeError(
        `"value" of "${key}" expected Uint8Array or undefined, got ${value === null ? 'null' : typeof value}`,
      )
    }
  }
}
