import { isBytes } from '@reliable-channels/options'

/** Random bytes of the platform. */
export const cryptoRandomBytes = (length: number): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(length))

/**
 * A nonce from `randomBytes`; a source that gives fewer bytes than asked for would make nonces that repeat.
 *
 * @throws TypeError unless it gave as many bytes as asked for.
 */
export function freshNonce(randomBytes: (length: number) => Uint8Array, length: number): Uint8Array {
  const nonce: unknown = randomBytes(length)
  if (isBytes(nonce) && nonce.length === length) return nonce
  const got = isBytes(nonce) ? `${nonce.length} bytes` : typeof nonce
  throw new TypeError(`"randomBytes" expected to give ${length} bytes, got ${got}`)
}
