import { pureJsCrypto, type ICryptoInterface } from '@chainsafe/libp2p-noise'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'

import { findNoiseCrypto } from './noise-crypto.ts'

const noiseCrypto = findNoiseCrypto()!

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 })
const associated = fc.uint8Array({ maxLength: 40 })
/** Bytes in some pieces. */
const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 4 })

const seal = (crypto: ICryptoInterface, ...args: Parameters<ICryptoInterface['chaCha20Poly1305Encrypt']>) =>
  Buffer.from(crypto.chaCha20Poly1305Encrypt(...args).subarray())

describe('the cryptography of noise', () => {
  it('seals and opens as the reference does, in one piece or several', () => {
    fc.assert(
      fc.property(key, nonce, associated, pieces, (k, n, ad, parts) => {
        const plaintext = new Uint8ArrayList(...parts)
        const sealed = seal(noiseCrypto, plaintext, n, ad, k)
        expect(sealed).toEqual(seal(pureJsCrypto, plaintext, n, ad, k))
        const opened = noiseCrypto.chaCha20Poly1305Decrypt(new Uint8ArrayList(sealed), n, ad, k)
        expect([...opened.subarray()]).toEqual([...plaintext.subarray()])
        expect([...noiseCrypto.chaCha20Poly1305Decrypt(sealed, n, ad, k).subarray()]).toEqual([
          ...plaintext.subarray(),
        ])
      }),
    )
  })

  it('opens nothing that was changed', () => {
    fc.assert(
      fc.property(key, nonce, associated, fc.nat(), (k, n, ad, where) => {
        const sealed = seal(noiseCrypto, Uint8Array.of(1, 2, 3), n, ad, k)
        sealed[where % sealed.length]! ^= 1
        expect(() => noiseCrypto.chaCha20Poly1305Decrypt(sealed, n, ad, k)).toThrow()
      }),
    )
  })

  it('agrees on keys as the reference does', () => {
    const [a, b] = [noiseCrypto.generateX25519KeyPair(), pureJsCrypto.generateX25519KeyPair()]
    const mine = noiseCrypto.generateX25519SharedKey(a.privateKey, b.publicKey)
    expect(Buffer.from(mine)).toEqual(
      Buffer.from(pureJsCrypto.generateX25519SharedKey(b.privateKey, a.publicKey)),
    )
    expect(Buffer.from(noiseCrypto.hashSHA256(a.publicKey))).toEqual(
      Buffer.from(pureJsCrypto.hashSHA256(a.publicKey)),
    )
  })

  it('is not found where there is no Node', () => {
    expect(findNoiseCrypto({})).toBeUndefined()
    expect(findNoiseCrypto({ process: { getBuiltinModule: () => undefined } })).toBeUndefined()
  })

  // F24
  it('is portable in what a platform that imitates Node.js lacks or does otherwise, and native in the rest', async () => {
    const real = await import('node:crypto')
    const imitated = (parts: object): ICryptoInterface =>
      findNoiseCrypto({ process: { getBuiltinModule: () => ({ ...real, ...parts }) } })!
    /** Names of the functions that are the portable ones. */
    const portable = (parts: object): string[] => {
      const found = imitated(parts)
      return Object.entries(pureJsCrypto).flatMap(([name, one]) =>
        found[name as keyof ICryptoInterface] === one ? [name] : [],
      )
    }
    const always = ['getHKDF', 'generateX25519KeyPairFromSeed'].filter((name) => name in pureJsCrypto)
    const cipher = ['chaCha20Poly1305Encrypt', 'chaCha20Poly1305Decrypt']
    const exchange = ['generateX25519KeyPair', 'generateX25519SharedKey']
    const fails = (): never => {
      throw new Error('Unknown cipher')
    }
    const lacking: [string, string[]][] = [
      ['createCipheriv', cipher],
      ['createDecipheriv', cipher],
      ['createSecretKey', cipher],
      ['createHash', ['hashSHA256']],
      ['diffieHellman', exchange],
    ]
    for (const [part, expected] of lacking) {
      for (const gone of [undefined, fails]) {
        expect([part, portable({ [part]: gone }).toSorted()]).toEqual([
          part,
          [...always, ...expected].toSorted(),
        ])
      }
    }
    expect(portable({ createHash: () => real.createHash('sha512') })).toContain('hashSHA256')
    // That a list names a cipher says nothing of whether it is there, and that there is no list neither.
    expect(portable({ getCiphers: undefined }).toSorted()).toEqual(always.toSorted())
  })
})
