import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { farmHash, farmPair } from './farm-hash.ts'
import { murmurPair } from './murmur3.ts'

const M64 = 2n ** 64n - 1n
const K0 = 0xc3a5c85c97cb3127n
const K1 = 0xb492b66fbe98f273n
const K2 = 0x9ae16a3b2f90404fn

/** FarmHash in big integers, line by line as its paper gives it: slow, and plain. */
function slowFarm(s: Uint8Array): bigint {
  const view = new DataView(s.buffer, s.byteOffset, s.byteLength)
  const n = s.length
  const fetch = (i: number): bigint => view.getBigUint64(i, true)
  const mul = (...xs: bigint[]): bigint => xs.reduce((a, b) => (a * b) & M64)
  const add = (...xs: bigint[]): bigint => xs.reduce((a, b) => (a + b) & M64)
  const rot = (x: bigint, r: bigint): bigint => ((x >> r) | (x << (64n - r))) & M64
  const mix = (x: bigint): bigint => x ^ (x >> 47n)
  const hash16 = (u: bigint, v: bigint, k: bigint): bigint => {
    const a = mix(mul(u ^ v, k))
    return mul(mix(mul(v ^ a, k)), k)
  }
  const k = add(K2, BigInt(n) * 2n)
  if (n === 0) return K2
  if (n < 4) {
    const y = BigInt(s[0]! + (s[n >> 1]! << 8))
    const z = BigInt(n + (s[n - 1]! << 2))
    return mul(mix(mul(y, K2) ^ mul(z, K0)), K2)
  }
  if (n < 8)
    return hash16(BigInt(n) + (BigInt(view.getUint32(0, true)) << 3n), BigInt(view.getUint32(n - 4, true)), k)
  if (n <= 16) {
    const a = add(fetch(0), K2)
    const b = fetch(n - 8)
    return hash16(add(mul(rot(b, 37n), k), a), mul(add(rot(a, 25n), b), k), k)
  }
  const a = mul(fetch(0), n <= 32 ? K1 : K2)
  const b = n > 16 ? fetch(8) : 0n
  const c = mul(fetch(n - 8), k)
  const d = mul(fetch(n - 16), K2)
  const u = add(rot(add(a, b), 43n), rot(c, 30n), d)
  const v = hash16(u, add(a, rot(add(b, K2), 18n), c), k)
  if (n <= 32) return v
  if (n <= 64) {
    const e = mul(fetch(16), k)
    const f = fetch(24)
    const g = mul(add(u, fetch(n - 32)), k)
    const h = mul(add(v, fetch(n - 24)), k)
    return hash16(add(rot(add(e, f), 43n), rot(g, 30n), h), add(e, rot(add(f, a), 18n), g), k)
  }
  const weak = (i: number, x: bigint, y: bigint): [bigint, bigint] => {
    const p = add(x, fetch(i))
    const q = rot(add(y, p, fetch(i + 24)), 21n)
    const r = add(p, fetch(i + 8), fetch(i + 16))
    return [add(r, fetch(i + 24)), add(q, rot(r, 44n), p)]
  }
  let x = 81n
  let y = add(mul(x, K1), 113n)
  let z = mul(mix(add(mul(y, K2), 113n)), K2)
  let [v1, v2] = [0n, 0n]
  let [w1, w2] = [0n, 0n]
  x = add(mul(x, K2), fetch(0))
  const end = ((n - 1) >> 6) * 64
  for (let i = 0; i < end; i += 64) {
    x = mul(rot(add(x, y, v1, fetch(i + 8)), 37n), K1)
    y = mul(rot(add(y, v2, fetch(i + 48)), 42n), K1)
    x ^= w2
    y = add(y, v1, fetch(i + 40))
    z = mul(rot(add(z, w1), 33n), K1)
    ;[v1, v2] = weak(i, mul(v2, K1), add(x, w1))
    ;[w1, w2] = weak(i + 32, add(z, w2), add(y, fetch(i + 16)))
    ;[z, x] = [x, z]
  }
  const m = add(K1, (z & 0xffn) << 1n)
  const i = n - 64
  w1 = add(w1, BigInt((n - 1) & 63))
  v1 = add(v1, w1)
  w1 = add(w1, v1)
  x = mul(rot(add(x, y, v1, fetch(i + 8)), 37n), m)
  y = mul(rot(add(y, v2, fetch(i + 48)), 42n), m)
  x ^= mul(w2, 9n)
  y = add(y, mul(v1, 9n), fetch(i + 40))
  z = mul(rot(add(z, w1), 33n), m)
  ;[v1, v2] = weak(i, mul(v2, m), add(x, w1))
  ;[w1, w2] = weak(i + 32, add(z, w2), add(y, fetch(i + 16)))
  ;[z, x] = [x, z]
  return hash16(add(hash16(v1, w1, m), mul(mix(y), K0), z), add(hash16(v2, w2, m), x), m)
}

/** murmur3-32 with seed 0, byte by byte. */
function slowMurmur(bytes: Uint8Array): number {
  const u32 = (value: bigint): bigint => value & 0xffff_ffffn
  const rot = (value: bigint, by: bigint): bigint => u32((value << by) | (value >> (32n - by)))
  let h = 0n
  for (let i = 0; i < bytes.length; i += 4) {
    const block = bytes.subarray(i, i + 4)
    const k = u32(
      rot(u32(block.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) * 0xcc9e2d51n), 15n) *
        0x1b873593n,
    )
    h ^= k
    if (block.length === 4) h = u32(rot(h, 13n) * 5n + 0xe6546b64n)
  }
  h ^= BigInt(bytes.length)
  h = u32((h ^ (h >> 16n)) * 0x85ebca6bn)
  h = u32((h ^ (h >> 13n)) * 0xc2b2ae35n)
  return Math.abs(Number(BigInt.asIntN(32, h ^ (h >> 16n))))
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const both = (pair: Uint32Array, at: number): bigint => (BigInt(pair[at]!) << 32n) | BigInt(pair[at + 1]!)

describe('the hash of the nim dialect', () => {
  it('is that of its slow twin, at every length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const out = new Uint32Array(2)
        farmHash(bytes, out)
        expect(both(out, 0)).toBe(slowFarm(bytes))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is taken absolutely, of the id and of the id with " b"', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (id) => {
        fc.pre(id.isWellFormed())
        const pair = new Uint32Array(4)
        farmPair(id, pair)
        for (const [at, text] of [
          [0, id],
          [2, `${id} b`],
        ] as const) {
          const signed = BigInt.asIntN(64, slowFarm(encode(text)))
          expect(both(pair, at)).toBe(signed < 0n ? -signed : signed)
        }
      }),
    )
  })
})

describe('the hash of the lip dialect', () => {
  it('is that of its slow twin, of the id and of the id with " b"', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: 'binary', maxLength: 50 })),
        (id) => {
          fc.pre(id.isWellFormed())
          const pair = new Uint32Array(4)
          murmurPair(id, pair)
          expect([...pair]).toEqual([0, slowMurmur(encode(id)), 0, slowMurmur(encode(`${id} b`))])
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
