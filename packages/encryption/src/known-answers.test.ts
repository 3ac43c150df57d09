import { describe, expect, it } from 'vitest'
import { type Aead, portableAead } from './core/aead.ts'
import { findNodeAead } from './node-aead.ts'
import { importGcmKey, openGcm, sealGcm } from './web-gcm.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

const nodeAead = findNodeAead()

describe.each<[string, Aead | undefined]>([
  ['portable', portableAead],
  ['node:crypto', nodeAead],
])('XChaCha20-Poly1305, %s', (_, aead) => {
  it('gives the answer of draft-irtf-cfrg-xchacha-03, appendix A.3.1', () => {
    const plain = new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const key = bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
    const nonce = bytes('404142434445464748494a4b4c4d4e4f5051525354555657')
    const aad = bytes('50515253c0c1c2c3c4c5c6c7')
    const frame = new Uint8Array(plain.length + 16)
    aead!.seal(key, nonce, aad, plain, frame, 0)
    expect(hex(frame)).toBe(
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb' +
        '731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452' +
        '2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
        '21f9664c97637da9768812f615c68b13b52e' +
        'c0875924c1c7987947deafd8780acf49',
    )
    expect(aead!.open(key, nonce, aad, frame)).toEqual(plain)
  })
})

it('node:crypto seals and opens the same bytes as the portable twin, at any length and alignment', () => {
  const memory = Uint8Array.from({ length: 1200 }, (_, i) => (i * 167 + (i >> 3)) & 255)
  for (let length = 0; length < 300; length++) {
    const [key, nonce] = [memory.subarray(length, length + 32), memory.subarray(length + 33, length + 57)]
    const aad = memory.subarray(7, 7 + (length % 50))
    const plain = memory.subarray(length + 1, 2 * length + 1)
    const frames = [portableAead, nodeAead!].map((aead) => {
      const frame = new Uint8Array(5 + plain.length + 16)
      aead.seal(key, nonce, aad, plain, frame, 5)
      return frame
    })
    expect(frames[1]).toEqual(frames[0])
    expect(nodeAead!.open(key, nonce, aad, frames[0]!.subarray(5))).toEqual(plain)
  }
})

it.each([32_767, 32_768, 32_769, 65_536, 102_400])(
  'node:crypto seals and opens %i bytes as the portable twin does',
  (length) => {
    const [key, nonce] = [new Uint8Array(32).fill(3), new Uint8Array(24).fill(4)]
    const plain = Uint8Array.from({ length }, (_, i) => (i * 31) >> 3)
    const [expected, got] = [portableAead, nodeAead!].map((aead) => {
      const frame = new Uint8Array(length + 16)
      aead.seal(key, nonce, key, plain, frame, 0)
      return frame
    })
    // Buffers compare much faster than arrays.
    expect(Buffer.compare(got!, expected!)).toBe(0)
    expect(Buffer.compare(nodeAead!.open(key, nonce, key, expected!)!, plain)).toBe(0)
  },
)

describe('AES-256-GCM', () => {
  it.each([
    // McGrew and Viega, *The Galois/Counter Mode of Operation*, test cases 13 to 16, as submitted to NIST.
    ['00'.repeat(32), '00'.repeat(12), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      '00'.repeat(32),
      '00'.repeat(12),
      '',
      '00'.repeat(16),
      'cea7403d4d606b6e074ec5d3baf39d18',
      'd0d1c8a799996bf0265b98b5d48ab919',
    ],
    [
      'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      'cafebabefacedbaddecaf888',
      '',
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
        '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
        '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
      'b094dac5d93471bdec1a502270e3cc6c',
    ],
    [
      'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
      'cafebabefacedbaddecaf888',
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
        '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
        '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
    // NIST CAVP, gcmEncryptExtIV256, 128-bit plaintext and associated data, count 0.
    [
      '92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b',
      'ac93a1a6145299bde902f21a',
      '1e0889016f67601c8ebea4943bc23ad6',
      '2d71bcfa914e4ac045b2aa60955fad24',
      '8995ae2e6df3dbf96fac7b7137bae67f',
      'eca5aa77d51d4a0a14d9c51e1da474ab',
    ],
  ])('gives the published answer (key %s, nonce %s)', async (key, nonce, aad, plain, ciphertext, tag) => {
    const imported = await importGcmKey(bytes(key))
    expect(imported.extractable).toBe(false)
    const sealed = await sealGcm(imported, bytes(nonce), bytes(aad), bytes(plain))
    expect(hex(sealed)).toBe(ciphertext + tag)
    expect(hex(await openGcm(imported, bytes(nonce), bytes(aad), sealed))).toBe(plain)
  })
})
