import { equalBytes } from '@reliable-channels/wire'
import type { Cipher, CipherContext } from './cipher.ts'
import { CipherError, DecryptionError, EncryptionError } from './errors.ts'
import { type FrameOptions, check, checkCipher, guard } from './guard.ts'

/**
 * Seals one frame, failing closed. Synchronous if the cipher is.
 *
 * @returns The sealed bytes, or a promise of them.
 * @throws CipherOptionError if there is no cipher or no context.
 * @throws EncryptionError, or rejects with it, if the cipher fails, does not answer, or returns no bytes, or the
 *   plaintext although it declares an overhead.
 * @example
 * ```ts
 * const sealed = await sealFrame(cipher, plain, { channelId: 'chat', contentTopic: '/chat/1/room/proto' })
 * ```
 */
export function sealFrame(
  cipher: Cipher,
  plain: Uint8Array,
  context: CipherContext,
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  checkContext(cipher, context)
  return guard(
    {
      call: (bounded) => cipher.seal(plain, bounded),
      context,
      flaw: (sealed) =>
        cipher.overheadBytes > 0 && equalBytes(sealed, plain)
          ? new CipherError('the cipher returned the plaintext', { reason: 'not-sealed' })
          : undefined,
      ErrorClass: EncryptionError,
    },
    options,
  )
}

/**
 * Opens one frame, failing closed and with no effect on anything else. Synchronous if the cipher is.
 *
 * @returns The opened bytes, or a promise of them.
 * @throws CipherOptionError if there is no cipher or no context.
 * @throws DecryptionError, or rejects with it, if the frame is not one of the cipher, or not authentic in this context,
 *   or the cipher fails, does not answer, or returns no bytes, or the sealed ones although it declares an overhead.
 *   `reason` tells these apart.
 * @example
 * ```ts
 * const plain = await openFrame(cipher, sealed, { channelId: 'chat', contentTopic: '/chat/1/room/proto' })
 * ```
 */
export function openFrame(
  cipher: Cipher,
  sealed: Uint8Array,
  context: CipherContext,
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  checkContext(cipher, context)
  return guard(
    {
      call: (bounded) => cipher.open(sealed, bounded),
      context,
      flaw: (opened) =>
        cipher.overheadBytes > 0 && equalBytes(opened, sealed)
          ? new CipherError('the cipher returned what it was given', { reason: 'not-opened' })
          : undefined,
      ErrorClass: DecryptionError,
    },
    options,
  )
}

function checkContext(cipher: Cipher, context: CipherContext): void {
  checkCipher(cipher)
  check.object('context', context, 'an object with "channelId" and "contentTopic"')
}
