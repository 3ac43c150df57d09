import type { Cipher } from './cipher.ts'
import { TAG_BYTES } from './core/aead.ts'
import { associatedData } from './core/associated-data.ts'
import { AES_GCM_VERSION, HEADER_BYTES, writeHeader } from './core/header.ts'
import { CipherError } from './errors.ts'
import { CipherOptionError, check } from './guard.ts'
import type { RingKey } from './key-ring.ts'
import { type KeySource, keysOf, openWith } from './keyed.ts'
import { cryptoRandomBytes, freshNonce } from './nonce.ts'
import { GCM_NONCE_BYTES, importGcmKey, openGcm, sealGcm } from './web-gcm.ts'

/** Options of {@link aesGcm}: a key of 32 bytes, or a key ring. */
export type AesGcmOptions = KeySource & {
  /** Source of nonces. @default crypto.getRandomValues */
  readonly randomBytes?: (length: number) => Uint8Array
}

/** Where the ciphertext begins. */
const BODY = HEADER_BYTES + GCM_NONCE_BYTES

/**
 * AES-256-GCM of WebCrypto: header ‖ nonce ‖ ciphertext ‖ tag, bound to its context as {@link xchacha} does.
 *
 * Asynchronous. WebCrypto holds the keys non-extractable. Nonces are random and of 96 bits: rotate the key before
 * 2³² frames were sealed with it by all senders together.
 *
 * @throws CipherKeyError if the key is not 32 bytes; CipherOptionError where there is no WebCrypto, as in pages without TLS.
 * @example
 * ```ts
 * const cipher = aesGcm({ key: crypto.getRandomValues(new Uint8Array(32)) })
 * ```
 */
export function aesGcm(options: AesGcmOptions): Cipher {
  const keys = keysOf(options)
  const { randomBytes = cryptoRandomBytes } = options
  check.function('randomBytes', randomBytes)
  if ((globalThis as { crypto?: Partial<Crypto> }).crypto?.subtle === undefined) {
    throw new CipherOptionError('aesGcm needs WebCrypto: serve the page over https, or use xchacha')
  }
  /** Weak: what the ring drops is forgotten here too. */
  const imported = new WeakMap<RingKey, Promise<CryptoKey>>()

  const cryptoKey = (ringKey: RingKey): Promise<CryptoKey> => {
    let key = imported.get(ringKey)
    if (key === undefined) {
      key = importGcmKey(ringKey.key)
      imported.set(ringKey, key)
    }
    return key
  }
  return {
    id: 'aes-256-gcm',
    overheadBytes: BODY + TAG_BYTES,
    async seal(plain, context) {
      const current = keys.current
      const frame = new Uint8Array(BODY + plain.length + TAG_BYTES)
      writeHeader(frame, AES_GCM_VERSION, current.keyId, context.kind ?? 'content')
      frame.set(freshNonce(randomBytes, GCM_NONCE_BYTES), HEADER_BYTES)
      const aad = associatedData(frame, context)
      const key = await cryptoKey(current)
      frame.set(await sealGcm(key, frame.subarray(HEADER_BYTES, BODY), aad, plain), BODY)
      return frame
    },
    open: (sealed, context) =>
      openWith(keys, sealed, context, AES_GCM_VERSION, BODY + TAG_BYTES, async (ringKey) => {
        const key = await cryptoKey(ringKey)
        const aad = associatedData(sealed, context)
        try {
          return await openGcm(key, sealed.subarray(HEADER_BYTES, BODY), aad, sealed.subarray(BODY))
        } catch (cause) {
          const message = 'not authentic in this channel, topic and kind'
          throw new CipherError(message, { reason: 'not-authentic', cause })
        }
      }),
  }
}
