import { pureJsCrypto, type ICryptoInterface } from '@chainsafe/libp2p-noise'
import { Uint8ArrayList } from 'uint8arraylist'

import type { Chunk } from './packed.ts'

type NodeCrypto = ReturnType<typeof process.getBuiltinModule<'node:crypto'>>

const CIPHER = 'chacha20-poly1305'
const TAG_BYTES = 16
const TAG = { authTagLength: TAG_BYTES }
/** The prefix of the 32 bytes of an X25519 key in PKCS #8 (RFC 8410): 302e020100300506032b656e04220420. */
const PKCS8_HEAD = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32]

/**
 * The cryptography of noise by OpenSSL, by way of `node:crypto`; `undefined` where there is none, as in a browser. The
 * default of `@chainsafe/libp2p-noise` imports the key anew for each packet, which takes longer than to encrypt a small one.
 */
export function findNoiseCrypto(scope: { process?: unknown } = globalThis): ICryptoInterface | undefined {
  // Asked for at run time, so that bundlers for browsers find no import of a module that is not there.
  const node = scope.process as Partial<typeof process> | undefined
  const crypto = node?.getBuiltinModule?.('node:crypto')
  if (crypto === undefined) return undefined
  const native = createNoiseCrypto(crypto)
  return agrees(native) ? native : undefined
}

/**
 * Whether it does what the portable one does. Electron has no such cipher, and platforms that imitate Node.js lack other
 * parts, or name what they do not have.
 */
function agrees(native: ICryptoInterface): boolean {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i)
  const nonce = key.subarray(0, 12)
  const plain = key.subarray(5, 27)
  try {
    const sealed = native.chaCha20Poly1305Encrypt(plain, nonce, key, key).subarray()
    const expected = pureJsCrypto.chaCha20Poly1305Encrypt(plain, nonce, key, key).subarray()
    const opened = native.chaCha20Poly1305Decrypt(sealed, nonce, key, key).subarray()
    const pair = native.generateX25519KeyPair()
    const other = pureJsCrypto.generateX25519KeyPair()
    return [
      [sealed, expected],
      [opened, plain],
      [native.hashSHA256(plain), pureJsCrypto.hashSHA256(plain)],
      [
        native.generateX25519SharedKey(pair.privateKey, other.publicKey),
        pureJsCrypto.generateX25519SharedKey(other.privateKey, pair.publicKey),
      ],
    ].every(([a, b]) => [...a!.subarray()].join() === [...b!.subarray()].join())
  } catch {
    return false
  }
}

function createNoiseCrypto(crypto: NodeCrypto): ICryptoInterface {
  const keys = new WeakMap<Uint8Array, ReturnType<NodeCrypto['createSecretKey']>>()
  /** A key of noise is one array for as long as its connection lives. */
  const imported = (key: Uint8Array): ReturnType<NodeCrypto['createSecretKey']> => {
    let known = keys.get(key)
    if (known === undefined) keys.set(key, (known = crypto.createSecretKey(key)))
    return known
  }
  return {
    ...pureJsCrypto,
    hashSHA256: (data) => crypto.createHash('sha256').update(data.subarray()).digest(),
    generateX25519KeyPair() {
      const { x = '', d = '' } = crypto.generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
      return { publicKey: Buffer.from(x, 'base64url'), privateKey: Buffer.from(d, 'base64url') }
    },
    generateX25519SharedKey(privateKey, publicKey) {
      const x = Buffer.from(publicKey.subarray()).toString('base64url')
      const pkcs8 = Buffer.from([...PKCS8_HEAD, ...privateKey.subarray()])
      return crypto.diffieHellman({
        privateKey: crypto.createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
        publicKey: crypto.createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }),
      })
    },
    chaCha20Poly1305Encrypt(plaintext, nonce, associated, key) {
      const cipher = crypto.createCipheriv(CIPHER, imported(key), nonce, TAG)
      if (associated.length > 0) cipher.setAAD(associated, { plaintextLength: plaintext.byteLength })
      const sealed = eachPiece(plaintext, (piece) => cipher.update(piece))
      cipher.final()
      sealed.append(cipher.getAuthTag())
      return sealed
    },
    chaCha20Poly1305Decrypt(ciphertext, nonce, associated, key) {
      const end = ciphertext.byteLength - TAG_BYTES
      const decipher = crypto.createDecipheriv(CIPHER, imported(key), nonce, TAG)
      if (associated.length > 0) decipher.setAAD(associated, { plaintextLength: end })
      decipher.setAuthTag(ciphertext.subarray(end))
      const sealed =
        ciphertext instanceof Uint8Array ? ciphertext.subarray(0, end) : ciphertext.sublist(0, end)
      const opened = eachPiece(sealed, (piece) => decipher.update(piece))
      decipher.final()
      return opened
    },
  }
}

function eachPiece(bytes: Chunk, work: (piece: Uint8Array) => Uint8Array): Uint8ArrayList {
  const done = new Uint8ArrayList()
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) done.append(work(piece))
  return done
}
