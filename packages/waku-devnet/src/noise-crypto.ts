import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

import { pureJsCrypto, type ICryptoInterface } from '@chainsafe/libp2p-noise'
import { Uint8ArrayList } from 'uint8arraylist'

type Bytes = Uint8Array | Uint8ArrayList

const CIPHER = 'chacha20-poly1305'
const TAG_BYTES = 16
const TAG = { authTagLength: TAG_BYTES }
/** What comes before the 32 bytes of an X25519 key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * The cryptography of noise by OpenSSL. The default of `@chainsafe/libp2p-noise` imports the key anew for each packet,
 * which takes longer than to encrypt a small one.
 */
export const noiseCrypto: ICryptoInterface = {
  ...pureJsCrypto,
  hashSHA256: (data) => createHash('sha256').update(data.subarray()).digest(),
  generateX25519KeyPair() {
    const { x = '', d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
    return { publicKey: Buffer.from(x, 'base64url'), privateKey: Buffer.from(d, 'base64url') }
  },
  generateX25519SharedKey(privateKey, publicKey) {
    const x = Buffer.from(publicKey.subarray()).toString('base64url')
    return diffieHellman({
      privateKey: createPrivateKey({
        key: Buffer.concat([PKCS8_HEAD, privateKey.subarray()]),
        format: 'der',
        type: 'pkcs8',
      }),
      publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }),
    })
  },
  chaCha20Poly1305Encrypt(plaintext, nonce, associated, key) {
    const cipher = createCipheriv(CIPHER, keyObject(key), nonce, TAG)
    if (associated.length > 0) cipher.setAAD(associated, { plaintextLength: plaintext.byteLength })
    const sealed = eachPiece(plaintext, (piece) => cipher.update(piece))
    cipher.final()
    sealed.append(cipher.getAuthTag())
    return sealed
  },
  chaCha20Poly1305Decrypt(ciphertext, nonce, associated, key) {
    const end = ciphertext.byteLength - TAG_BYTES
    const decipher = createDecipheriv(CIPHER, keyObject(key), nonce, TAG)
    if (associated.length > 0) decipher.setAAD(associated, { plaintextLength: end })
    decipher.setAuthTag(ciphertext.subarray(end))
    const sealed = ciphertext instanceof Uint8Array ? ciphertext.subarray(0, end) : ciphertext.sublist(0, end)
    const opened = eachPiece(sealed, (piece) => decipher.update(piece))
    decipher.final()
    return opened
  },
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** A key of noise is one array for as long as its connection lives. */
function keyObject(key: Uint8Array): KeyObject {
  let imported = keyObjects.get(key)
  if (imported === undefined) keyObjects.set(key, (imported = createSecretKey(key)))
  return imported
}

function eachPiece(bytes: Bytes, work: (piece: Uint8Array) => Uint8Array): Uint8ArrayList {
  const done = new Uint8ArrayList()
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) done.append(work(piece))
  return done
}
