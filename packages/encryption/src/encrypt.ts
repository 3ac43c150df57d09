import type { Frame } from '@reliable-channels/stage'
import type { OperatorFunction } from 'rxjs'
import type { Cipher } from './cipher.ts'
import { type Crypted, crypt } from './crypt.ts'
import type { CryptOptions } from './crypt-options.ts'
import { EncryptionError } from './errors.ts'
import { sealFrame } from './frame.ts'

/**
 * Seals the payload of each frame, in order, with the key in force at that moment. Other fields travel along.
 *
 * A frame that cannot be sealed is left out and told to `onReject`; the others go on. With a synchronous cipher each
 * frame leaves as it comes.
 *
 * @throws CipherOptionError at a bad option.
 * @example
 * ```ts
 * frames$.pipe(encrypt(xchacha({ key }), { context: { channelId: 'chat', contentTopic: '/chat/1/room/proto' } }))
 * ```
 */
export function encrypt<F extends Frame>(
  cipher: Cipher,
  options: CryptOptions<F, EncryptionError>,
): OperatorFunction<F, F & Crypted> {
  return crypt(cipher, sealFrame, EncryptionError, options)
}
