import { TAG_BYTES } from './core/aead.ts'

/** Bytes of a nonce of GCM. */
export const GCM_NONCE_BYTES = 12

// None of the arrays of this package are shared memory, which WebCrypto refuses and its types exclude.
type Bytes = Uint8Array<ArrayBuffer>

const parameters = (nonce: Uint8Array, aad: Uint8Array): AesGcmParams => ({
  name: 'AES-GCM',
  iv: nonce as Bytes,
  additionalData: aad as Bytes,
  tagLength: TAG_BYTES * 8,
})

/** Hands `key` to WebCrypto, which does not give it back. */
export function importGcmKey(key: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key as Bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

/** Ciphertext ‖ tag (NIST SP 800-38D). */
export async function sealGcm(
  key: CryptoKey,
  nonce: Uint8Array,
  aad: Uint8Array,
  plain: Uint8Array,
): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.encrypt(parameters(nonce, aad), key, plain as Bytes))
}

/** Opens ciphertext ‖ tag; rejects if they are not authentic. */
export async function openGcm(
  key: CryptoKey,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, aad), key, sealed as Bytes))
}
