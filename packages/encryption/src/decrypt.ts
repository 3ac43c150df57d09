import type { Frame } from '@reliable-channels/stage'
import type { OperatorFunction } from 'rxjs'
import type { Cipher } from './cipher.ts'
import { type Crypted, crypt } from './crypt.ts'
import type { CryptOptions } from './crypt-options.ts'
import { DecryptionError } from './errors.ts'
import { openFrame } from './frame.ts'

/**
 * Opens the payload of each frame, in order. Other fields travel along.
 *
 * A frame that cannot be opened is left out and told to `onReject`; the others go on. With a synchronous cipher each
 * frame leaves as it comes.
 *
 * @throws CipherOptionError at a bad option.
 * @example
 * ```ts
 * frames$.pipe(decrypt(xchacha({ key }), { context, onReject: (frame, error) => count(error.reason) }))
 * ```
 */
export function decrypt<F extends Frame>(
  cipher: Cipher,
  options: CryptOptions<F, DecryptionError>,
): OperatorFunction<F, F & Crypted> {
  return crypt(cipher, openFrame, DecryptionError, options)
}
