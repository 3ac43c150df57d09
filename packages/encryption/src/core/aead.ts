import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

/** Bytes of an XChaCha20 nonce. Random ones never repeat in practice. */
export const XCHACHA_NONCE_BYTES = 24
/** Bytes of the tag of Poly1305 and of GCM. */
export const TAG_BYTES = 16

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), synchronous. */
export interface Aead {
  /** Writes ciphertext ‖ tag to the end of `frame`, from `offset` on. */
  seal(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plain: Uint8Array,
    frame: Uint8Array,
    offset: number,
  ): void
  /** Opens ciphertext ‖ tag; `undefined` if they are not authentic. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined
}

/** Runs anywhere; faster implementations are tested against it. */
export const portableAead: Aead = {
  seal(key, nonce, aad, plain, frame, offset) {
    xchacha20poly1305(key, nonce, aad).encrypt(plain, frame.subarray(offset))
  },
  open(key, nonce, aad, sealed) {
    try {
      return xchacha20poly1305(key, nonce, aad).decrypt(sealed)
    } catch {
      return undefined
    }
  },
}
