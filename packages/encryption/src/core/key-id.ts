import { sha256 } from '@noble/hashes/sha2.js'
import { isBytes } from '@reliable-channels/options'
import { hexOf } from '@reliable-channels/wire'

/** Bytes of a key. */
export const KEY_BYTES = 32

/** The bytes are no key: a mistake of the caller. */
export class CipherKeyError extends TypeError {
  override readonly name = 'CipherKeyError'
  readonly code = 'ERR_CIPHER_KEY'
}

const DOMAIN = new TextEncoder().encode('reliable-channels key id 1')

/** Throws unless `key` is one. */
export function checkKey(key: Uint8Array): void {
  if (isBytes(key) && key.length === KEY_BYTES) return
  const got = isBytes(key) ? `length=${key.length}` : typeof key
  throw new CipherKeyError(`"key" expected Uint8Array of length ${KEY_BYTES}, got ${got}`)
}

/**
 * Eight hex digits by which both ends tell keys apart: the first four bytes of a SHA-256 of the key.
 *
 * They travel in the clear: who sees two frames can tell whether one key sealed both, but learns nothing of the key.
 *
 * @throws CipherKeyError if `key` is not 32 bytes.
 */
export function keyIdOf(key: Uint8Array): string {
  checkKey(key)
  const hash = sha256.create().update(DOMAIN).update(key).digest()
  return hexOf(hash, 0, 4)
}
