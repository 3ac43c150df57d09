import { unshared } from '@reliable-channels/wire'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { isBytes, onlyNames } from '@reliable-channels/options'
import { KEY_BYTES } from './core/key-id.ts'
import { CipherOptionError, check } from './guard.ts'
import { findNodeScrypt } from './node-scrypt.ts'

/** Options of {@link keyFromPassphrase}. All members must use the same. */
export interface PassphraseOptions {
  /** Not secret, but different for each channel: its id, for instance. At least 8 bytes. */
  readonly salt: string | Uint8Array
  /** Cost as a power of two, 14 to 20: 17 takes 128 MiB and about half a second. @default 17 */
  readonly logN?: number
  /** Called with the fraction done; then the work is done on this thread, with pauses, on Node.js too. */
  readonly onProgress?: (fraction: number) => void
}

/**
 * A key that all who know a passphrase can make: scrypt (RFC 7914) with N = 2^17, r = 8, p = 1, as OWASP advises.
 *
 * It makes guessing slow; it does not make a weak passphrase strong. A random key is better wherever one can be shared.
 *
 * @param passphrase Normalised to NFKC, so that two keyboards give one key.
 * @throws CipherOptionError, by rejecting, at an empty passphrase, a short salt or a cost out of range.
 * @example
 * ```ts
 * const cipher = xchacha({ key: await keyFromPassphrase('correct horse', { salt: '/app/1/room/proto' }) })
 * ```
 */
export async function keyFromPassphrase(
  passphrase: string,
  options: PassphraseOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  check.object('options', options, 'an object with "salt"')
  onlyNames(check, options, ['salt', 'logN', 'onProgress'])
  const { logN = 17, onProgress } = options
  const salt = typeof options.salt === 'string' ? new TextEncoder().encode(options.salt) : options.salt
  if (typeof passphrase !== 'string') {
    // Its kind, not its value: it may be the secret.
    throw new CipherOptionError(`"passphrase" expected a string, got ${typeof passphrase}`)
  }
  if (passphrase === '') throw new CipherOptionError('"passphrase" expected some text, got none')
  check.secret(isBytes(salt), 'salt', 'a string or Uint8Array', salt)
  check.that(salt.length >= 8, 'salt', 'at least 8 bytes', salt.length)
  check.integer('logN', logN, 14, 20)
  check.callback('onProgress', onProgress)
  const text = passphrase.normalize('NFKC')
  const cost = { N: 2 ** logN, r: 8, p: 1, dkLen: KEY_BYTES, maxmem: 2 ** logN * 8 * 128 + 1024 * 1024 }
  const nodeScrypt = onProgress === undefined ? findNodeScrypt() : undefined
  const key = await (nodeScrypt?.(text, salt, cost) ??
    scryptAsync(text, salt, { ...cost, ...(onProgress && { onProgress }) }))
  return unshared(key)
}
