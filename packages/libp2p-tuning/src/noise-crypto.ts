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
 * The cryptography of noise by `node:crypto`, and in portable TypeScript what the platform lacks of it or does otherwise;
 * `undefined` where there is no such module, as in a browser.
 *
 * The default of `@chainsafe/libp2p-noise` imports the key anew for each packet, which takes longer than to encrypt a small
 * one. And it asks for the cipher of packets from 1,200 bytes without a look at whether it is there: BoringSSL, with which
 * Bun and Electron are built, lacks it.
 */
export function findNoiseCrypto(scope: { process?: unknown } = globalThis): ICryptoInterface | undefined {
  // Asked for at run time, so that bundlers for browsers find no import of a module that is not there.
  const node = scope.process as Partial<typeof process> | undefined
  const module = node?.getBuiltinModule?.('node:crypto')
  if (module === undefined) return undefined
  const native = createNoiseCrypto(module)
  return PARTS.filter((part) => part.agrees(native)).reduce<ICryptoInterface>(
    (crypto, part) => ({ ...crypto, ...part.of(native) }),
    pureJsCrypto,
  )
}

/** Functions that are taken from the platform together, or not at all. */
interface Part {
  readonly of: (native: ICryptoInterface) => Partial<ICryptoInterface>
  /** Whether they do what the portable ones do: a platform may name what it does not have. */
  readonly agrees: (native: ICryptoInterface) => boolean
}

const SAMPLE = Uint8Array.from({ length: 32 }, (_, i) => i)
const NONCE = SAMPLE.subarray(0, 12)
const PLAIN = SAMPLE.subarray(5, 27)

const PARTS: readonly Part[] = [
  {
    of: ({ hashSHA256 }) => ({ hashSHA256 }),
    agrees: unlessThrown((native) => same(native.hashSHA256(PLAIN), pureJsCrypto.hashSHA256(PLAIN))),
  },
  {
    of: ({ generateX25519KeyPair, generateX25519SharedKey }) => ({
      generateX25519KeyPair,
      generateX25519SharedKey,
    }),
    agrees: unlessThrown((native) => {
      const mine = native.generateX25519KeyPair()
      const theirs = pureJsCrypto.generateX25519KeyPair()
      return same(
        native.generateX25519SharedKey(mine.privateKey, theirs.publicKey),
        pureJsCrypto.generateX25519SharedKey(theirs.privateKey, mine.publicKey),
      )
    }),
  },
  {
    of: ({ chaCha20Poly1305Encrypt, chaCha20Poly1305Decrypt }) => ({
      chaCha20Poly1305Encrypt,
      chaCha20Poly1305Decrypt,
    }),
    agrees: unlessThrown((native) => {
      const sealed = native.chaCha20Poly1305Encrypt(PLAIN, NONCE, SAMPLE, SAMPLE).subarray()
      const expected = pureJsCrypto.chaCha20Poly1305Encrypt(PLAIN, NONCE, SAMPLE, SAMPLE)
      return (
        same(sealed, expected) && same(native.chaCha20Poly1305Decrypt(sealed, NONCE, SAMPLE, SAMPLE), PLAIN)
      )
    }),
  },
]

function unlessThrown(agrees: Part['agrees']): Part['agrees'] {
  return (native) => {
    try {
      return agrees(native)
    } catch {
      return false
    }
  }
}

const same = (a: Chunk, b: Chunk): boolean => [...a.subarray()].join() === [...b.subarray()].join()

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
