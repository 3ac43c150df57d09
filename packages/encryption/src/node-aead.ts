import { hchacha } from '@noble/ciphers/chacha.js'
import { nodeModule } from '@reliable-channels/stage'
import { equalBytes } from '@reliable-channels/wire'
import { type Aead, TAG_BYTES, portableAead } from './core/aead.ts'

/** The part of `node:crypto` that is used here, so that the package needs no types of Node. */
interface NodeCipher {
  setAAD(aad: Uint8Array, options: { plaintextLength: number }): unknown
  update(data: Uint8Array): Uint8Array
  final(): Uint8Array
  getAuthTag(): Uint8Array
  setAuthTag(tag: Uint8Array): unknown
}
type MakeCipher = (
  name: 'chacha20-poly1305',
  key: Uint8Array,
  nonce: Uint8Array,
  options: { authTagLength: number },
) => NodeCipher
interface NodeCrypto {
  readonly createCipheriv: MakeCipher
  readonly createDecipheriv: MakeCipher
}

/** `update` allocates what it returns: in pieces that stay in the cache, copying them costs a third less. */
const CHUNK_BYTES = 32_768
/** "expand 32-byte k" */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)

function words(bytes: Uint8Array): Uint32Array {
  // Not `slice`, which shares the memory of a Buffer: the words would be those of others.
  return new Uint32Array(new Uint8Array(bytes).buffer)
}

/** The key and nonce of ChaCha20-Poly1305 that make it XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2.3). */
function derive(key: Uint8Array, nonce: Uint8Array): { subkey: Uint8Array; shortNonce: Uint8Array } {
  const subkey = new Uint32Array(8)
  hchacha(SIGMA, words(key), words(nonce.subarray(0, 16)), subkey)
  const shortNonce = new Uint8Array(12)
  shortNonce.set(nonce.subarray(16), 4)
  return { subkey: new Uint8Array(subkey.buffer), shortNonce }
}

function createNodeAead({ createCipheriv, createDecipheriv }: NodeCrypto): Aead {
  const options = { authTagLength: TAG_BYTES }
  return {
    seal(key, nonce, aad, plain, frame, offset) {
      const { subkey, shortNonce } = derive(key, nonce)
      const cipher = createCipheriv('chacha20-poly1305', subkey, shortNonce, options)
      cipher.setAAD(aad, { plaintextLength: plain.length })
      for (let at = 0; at < plain.length; at += CHUNK_BYTES) {
        frame.set(cipher.update(plain.subarray(at, at + CHUNK_BYTES)), offset + at)
      }
      cipher.final()
      frame.set(cipher.getAuthTag(), offset + plain.length)
    },
    open(key, nonce, aad, sealed) {
      const { subkey, shortNonce } = derive(key, nonce)
      const length = sealed.length - TAG_BYTES
      const decipher = createDecipheriv('chacha20-poly1305', subkey, shortNonce, options)
      decipher.setAAD(aad, { plaintextLength: length })
      decipher.setAuthTag(sealed.subarray(length))
      const plain = decipher.update(sealed.subarray(0, length))
      try {
        decipher.final()
      } catch {
        return undefined
      }
      return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength)
    },
  }
}

/** Whether `aead` gives the same bytes as the portable one; BoringSSL, for one, lacks the cipher. */
function agrees(aead: Aead): boolean {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i)
  const nonce = key.subarray(8)
  const plain = Uint8Array.from({ length: 70 }, (_, i) => 255 - i)
  const expected = new Uint8Array(plain.length + TAG_BYTES)
  const got = new Uint8Array(plain.length + TAG_BYTES)
  portableAead.seal(key, nonce, key, plain, expected, 0)
  try {
    aead.seal(key, nonce, key, plain, got, 0)
    const opened = aead.open(key, nonce, key, got)
    return equalBytes(got, expected) && opened !== undefined && equalBytes(opened, plain)
  } catch {
    return false
  }
}

/** OpenSSL's XChaCha20-Poly1305, by way of `node:crypto`; `undefined` where there is none, as in a browser. */
export function findNodeAead(scope?: object): Aead | undefined {
  const { createCipheriv, createDecipheriv } = nodeModule<NodeCrypto>('node:crypto', scope) ?? {}
  if (createCipheriv === undefined || createDecipheriv === undefined) return undefined
  // HChaCha20 works on the bytes of words as this machine has them.
  if (new Uint8Array(Uint32Array.of(1).buffer)[0] !== 1) return undefined
  const aead = createNodeAead({ createCipheriv, createDecipheriv })
  return agrees(aead) ? aead : undefined
}
