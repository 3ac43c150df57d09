import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { isBytes } from '@reliable-channels/options'
import { hexOf } from '@reliable-channels/wire'
import { CipherKeyError } from '../core/key-id.ts'

/** Bytes of a secret key, and of a public key, of Ed25519 (RFC 8032). */
const KEY_BYTES = 32
/** Bytes of the id of a public key. */
export const PUBLIC_KEY_ID_BYTES = 8

const DOMAIN = new TextEncoder().encode('reliable-channels public key id 1')

/** The keys of a member: the secret one signs, the public one is for all others. */
export interface SigningKey {
  /** 32 bytes; whoever has them can speak in the member's name. */
  readonly secretKey: Uint8Array
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/**
 * Makes the keys of a member, for {@link signed}.
 *
 * @example
 * ```ts
 * const { secretKey, publicKey } = newSigningKey()
 * ```
 */
export function newSigningKey(): SigningKey {
  const secretKey = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  return { secretKey, publicKey: publicKeyOf(secretKey) }
}

/**
 * The public key that belongs to a secret one.
 *
 * @throws CipherKeyError unless it is 32 bytes.
 */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  checkSigningKey('secretKey', secretKey)
  return ed25519.getPublicKey(secretKey)
}

/**
 * Sixteen hex digits by which members tell public keys apart: the first eight bytes of a SHA-256 of the key.
 *
 * @throws CipherKeyError unless it is 32 bytes.
 */
export function publicKeyIdOf(publicKey: Uint8Array): string {
  checkSigningKey('publicKey', publicKey)
  return hexOf(sha256.create().update(DOMAIN).update(publicKey).digest(), 0, PUBLIC_KEY_ID_BYTES)
}

/** Throws unless it may be a key. */
export function checkSigningKey(name: string, key: Uint8Array): void {
  if (isBytes(key) && key.length === KEY_BYTES) return
  const got = isBytes(key) ? `length=${key.length}` : typeof key
  throw new CipherKeyError(`"${name}" expected Uint8Array of length ${KEY_BYTES}, got ${got}`)
}
