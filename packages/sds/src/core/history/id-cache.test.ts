import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdCache } from './id-cache.ts'
import { keyedHash } from './keyed-hash.ts'
import { encodeText, parseHex } from '@reliable-channels/wire'

const KEY = { first: 1, second: 2 }
/** Few, so that they come again; alike at the end, so that they take each other's places. */
const id = fc.oneof(
  fc.nat(20).map((number) => `${number.toString(16).padStart(56, 'f')}0000abcd`),
  fc.nat(20).map((number) => `${number.toString(16).padStart(56, 'x')}0000abcd`),
  fc.string({ unit: 'binary', maxLength: 3 }),
)

describe('the cache of ids', () => {
  it('gives hash and bytes of the id asked for, whatever was asked for before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.boolean()), { maxLength: 60, size: 'max' }), (questions) => {
        const cache = new IdCache(KEY)
        for (const [one, asksForHash] of questions) {
          const isHex = /^[0-9a-f]{64}$/.test(one)
          if (asksForHash) {
            const bytes = isHex ? parseHex(one)! : encodeText(one)
            const words = new Uint32Array(Math.ceil(bytes.length / 4))
            new Uint8Array(words.buffer).set(bytes)
            expect(cache.hashOf(one)).toBe(keyedHash(words, 0, bytes.length, KEY))
          } else {
            const target = new Uint8Array(34)
            expect(cache.write(one, new DataView(target.buffer), 1)).toBe(isHex)
            expect(Buffer.from(target).toString('hex')).toBe(`00${isHex ? one : '0'.repeat(64)}00`)
          }
        }
      }),
    )
  })
})
