import type { Cipher, CipherContext } from './cipher.ts'
import { type Aead, TAG_BYTES, XCHACHA_NONCE_BYTES, portableAead } from './core/aead.ts'
import { associatedData } from './core/associated-data.ts'
import { HEADER_BYTES, XCHACHA_VERSION, writeHeader } from './core/header.ts'
import { CipherError } from './errors.ts'
import { check } from './guard.ts'
import { type KeySource, keysOf, openWith } from './keyed.ts'
import { findNodeAead } from './node-aead.ts'
import { cryptoRandomBytes, freshNonce } from './nonce.ts'

/** Options of {@link xchacha}: a key of 32 bytes, or a key ring. */
export type XChaChaOptions = KeySource & {
  /** Source of nonces. @default crypto.getRandomValues */
  readonly randomBytes?: (length: number) => Uint8Array
  /**
   * `'portable'` never uses `node:crypto`. The bytes are the same.
   * @default 'auto'
   */
  readonly backend?: 'auto' | 'portable'
}

/** Below this many bytes `node:crypto` takes longer to set a cipher up than TypeScript to be done. */
const SMALL_BYTES = 1024
/** Where the ciphertext begins. */
const BODY = HEADER_BYTES + XCHACHA_NONCE_BYTES

let nodeAead: Aead | undefined | null = null

/**
 * XChaCha20-Poly1305 with random nonces of 192 bits: header ‖ nonce ‖ ciphertext ‖ tag.
 *
 * Channel, content topic and kind of the frame, and in content placement its author, are bound to it.
 * Synchronous; through `node:crypto` where there is one, else in TypeScript.
 *
 * @throws CipherKeyError if the key is not 32 bytes; CipherOptionError at a bad option.
 * @example
 * ```ts
 * const cipher = xchacha({ key: crypto.getRandomValues(new Uint8Array(32)) })
 * ```
 */
export function xchacha(options: XChaChaOptions): Cipher {
  const keys = keysOf(options)
  const { randomBytes = cryptoRandomBytes, backend = 'auto' } = options
  check.function('randomBytes', randomBytes)
  check.oneOf('backend', backend, ['auto', 'portable'])
  if (nodeAead === null) nodeAead = findNodeAead()
  const fastAead = (backend === 'auto' ? nodeAead : undefined) ?? portableAead
  const aeadFor = (length: number): Aead => (length < SMALL_BYTES ? portableAead : fastAead)

  const open = (key: Uint8Array, sealed: Uint8Array, context: CipherContext): Uint8Array => {
    const nonce = sealed.subarray(HEADER_BYTES, BODY)
    const aad = associatedData(sealed, context)
    const plain = aeadFor(sealed.length).open(key, nonce, aad, sealed.subarray(BODY))
    if (plain === undefined) {
      throw new CipherError('not authentic in this channel, topic and kind', { reason: 'not-authentic' })
    }
    return plain
  }

  return {
    id: 'xchacha20-poly1305',
    overheadBytes: BODY + TAG_BYTES,
    seal(plain, context) {
      const { keyId, key } = keys.current
      const frame = new Uint8Array(BODY + plain.length + TAG_BYTES)
      writeHeader(frame, XCHACHA_VERSION, keyId, context.kind ?? 'content')
      const nonce = freshNonce(randomBytes, XCHACHA_NONCE_BYTES)
      frame.set(nonce, HEADER_BYTES)
      aeadFor(frame.length).seal(key, nonce, associatedData(frame, context), plain, frame, BODY)
      return frame
    },
    open: (sealed, context) =>
      openWith(keys, sealed, context, XCHACHA_VERSION, BODY + TAG_BYTES, ({ key }) =>
        open(key, sealed, context),
      ),
  }
}
