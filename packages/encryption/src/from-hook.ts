import { onlyNames } from '@reliable-channels/options'
import type { Cipher } from './cipher.ts'
import { check } from './guard.ts'

/** The hook of LIP-173: bytes to bytes, both ways. */
export interface EncryptionHook {
  encrypt(plain: Uint8Array): Uint8Array | Promise<Uint8Array>
  decrypt(sealed: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Options of {@link fromHook}. */
export interface FromHookOptions {
  /** Names the cipher in reports. @default 'hook' */
  readonly id?: string
  /**
   * Most bytes that the hook adds to a frame: a channel leaves so much room.
   * @limit A hook that adds more makes messages that the network may refuse.
   * @default 256
   */
  readonly overheadBytes?: number
}

/**
 * A {@link Cipher} of a pair of functions. Nothing but these functions can bind a frame to channel and topic.
 *
 * @throws CipherOptionError if one of the two is missing.
 * @example
 * ```ts
 * const cipher = fromHook({ encrypt: (plain) => box(plain), decrypt: (sealed) => unbox(sealed) }, { overheadBytes: 40 })
 * ```
 */
export function fromHook(hook: EncryptionHook, options: FromHookOptions = {}): Cipher {
  check.object('hook', hook, 'an object with "encrypt" and "decrypt"')
  check.function('encrypt', hook.encrypt)
  check.function('decrypt', hook.decrypt)
  check.object('options', options)
  onlyNames(check, options, ['id', 'overheadBytes'])
  const { id = 'hook', overheadBytes = 256 } = options
  check.text('id', id)
  check.integer('overheadBytes', overheadBytes, 0)
  return {
    id,
    overheadBytes,
    seal: (plain) => hook.encrypt(plain),
    open: (sealed) => hook.decrypt(sealed),
  }
}
