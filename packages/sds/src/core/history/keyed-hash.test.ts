import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HashKey, hashKeyOf, keyedHash } from './keyed-hash.ts'
import { encodeText } from '@reliable-channels/wire'

/** HalfSipHash-c-d as its authors describe it. */
function halfSipHash(bytes: Uint8Array, first: number, second: number, c: number, d: number): number {
  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))
  const v: [number, number, number, number] = [first, second, 0x6c796765 ^ first, 0x74656462 ^ second]
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v[0] = (v[0] + v[1]) | 0
      v[1] = rotate(v[1], 5) ^ v[0]
      v[0] = rotate(v[0], 16)
      v[2] = (v[2] + v[3]) | 0
      v[3] = rotate(v[3], 8) ^ v[2]
      v[0] = (v[0] + v[3]) | 0
      v[3] = rotate(v[3], 7) ^ v[0]
      v[2] = (v[2] + v[1]) | 0
      v[1] = rotate(v[1], 13) ^ v[2]
      v[2] = rotate(v[2], 16)
    }
  }
  const padded = new Uint8Array(4 * Math.floor(bytes.length / 4) + 4)
  padded.set(bytes)
  padded[padded.length - 1] = bytes.length
  const view = new DataView(padded.buffer)
  for (let at = 0; at < padded.length; at += 4) {
    const word = view.getInt32(at, true)
    v[3] ^= word
    rounds(c)
    v[0] ^= word
  }
  v[2] ^= 0xff
  rounds(d)
  return v[1] ^ v[3]
}

describe('the keyed hash', () => {
  it('is compared with what gives the published vectors', () => {
    const published = [0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a]
    const vectors = published.map((_, length) => {
      const bytes = Uint8Array.from({ length }, (_byte, i) => i)
      return halfSipHash(bytes, 0x03020100, 0x07060504, 2, 4) >>> 0
    })
    expect(vectors).toEqual(published)
  })

  it('is HalfSipHash-1-3 of bytes, wherever they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80, size: 'max' }),
        fc.nat(5),
        fc.double({ min: 0, max: 0.999 }),
        (bytes, start, random) => {
          const key = hashKeyOf(random)
          expect(keyedHash(wordsOf(bytes, start), start, bytes.length, key)).toBe(
            halfSipHash(bytes, key.first, key.second, 1, 3),
          )
        },
      ),
    )
  })

  it('spreads what is alike under another key', () => {
    const hashOf = (id: string, key: HashKey): number =>
      keyedHash(wordsOf(encodeText(id), 0), 0, id.length, key)
    const one = hashKeyOf(0.1)
    const alike: string[] = []
    for (let i = 0; alike.length < 50; i++) if (hashOf(`${i}`, one) % 64 === 0) alike.push(`${i}`)
    const other = hashKeyOf(0.2)
    expect(new Set(alike.map((id) => hashOf(id, other) % 64)).size).toBeGreaterThan(20)
  })
})

/** Bytes from the word `start` on, and others before them. */
function wordsOf(bytes: Uint8Array, start: number): Uint32Array {
  const words = new Uint32Array(start + Math.ceil(bytes.length / 4)).fill(7, 0, start)
  new Uint8Array(words.buffer).set(bytes, 4 * start)
  return words
}
