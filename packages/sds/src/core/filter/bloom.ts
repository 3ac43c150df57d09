import { farmPair } from './farm-hash.ts'
import type { Dialect } from '../wire/message.ts'
import { murmurPair } from './murmur3.ts'

/** The number of ids and the error rate that a bloom filter is made for, and the sizes that follow. */
export interface BloomParameters {
  /** Ids that it is sized for. */
  readonly capacity: number
  /** False positives at that many ids, between 0 and 1. */
  readonly errorRate: number
  /** Bits set for each id. */
  readonly hashCount: number
  /** Bits of the filter. */
  readonly bits: number
}

/** Sizes of a filter: bits per element `ceil(−ln p / ln² 2)`, hash count `round(ln 2 · bits)`. */
export function bloomParameters(capacity: number, errorRate: number): BloomParameters {
  const bitsPerElement = Math.ceil(-Math.log(errorRate) / Math.LN2 ** 2)
  return {
    capacity,
    errorRate,
    hashCount: Math.round(Math.LN2 * bitsPerElement),
    bits: capacity * bitsPerElement,
  }
}

/** Bytes of the words that hold so many bits; there is always one word more than whole ones. */
export const bloomBytes = (bits: number): number => (1 + Math.floor(bits / 64)) * 8

/** Computes the two hashes behind an id's bits, each as two 32-bit halves. */
export type PairHash = (id: string, out: Uint32Array) => void

/** The pair hash of a dialect. */
export const pairHashOf = (dialect: Dialect): PairHash => (dialect === 'lip' ? murmurPair : farmPair)

/** (high, low) modulo `modulus`, which is below 2³⁶. */
export function modulo(high: number, low: number, modulus: number): number {
  if (high === 0) return low % modulus
  const upper = ((high % modulus) * 0x10000 + (low >>> 16)) % modulus
  return (upper * 0x10000 + (low & 0xffff)) % modulus
}

/**
 * Bits of a filter in their wire order. Bit `i` is bit `i mod 8` of byte `i div 8` in little-endian words (`nim`);
 * in big-endian 64-bit words (`lip`) the bytes of each word are reversed.
 */
export interface BloomBits {
  readonly dialect: Dialect
  readonly bits: number
  readonly hashCount: number
  readonly bytes: Uint8Array
}

/** Turns, by exclusive or, a byte's index in the order of `nim` into that of a dialect. */
export const byteOrder = (dialect: Dialect): number => (dialect === 'lip' ? 7 : 0)

/** Sets the bits of an id whose hashes, modulo `bits`, are `a` and `b`. Bit `n` is `(a + n · b) mod bits`. */
export function setBits(filter: BloomBits, a: number, b: number): void {
  const { bytes, bits, hashCount } = filter
  const order = byteOrder(filter.dialect)
  for (let n = 0, bit = a; n < hashCount; n++) {
    bytes[(bit >>> 3) ^ order]! |= 1 << (bit & 7)
    bit += b
    if (bit >= bits) bit -= bits
  }
}

/** Whether all bits of an id are set: it is in the filter, or a false positive. */
export function testBits(filter: BloomBits, a: number, b: number): boolean {
  const { bytes, bits, hashCount } = filter
  const order = byteOrder(filter.dialect)
  for (let n = 0, bit = a; n < hashCount; n++) {
    if ((bytes[(bit >>> 3) ^ order]! & (1 << (bit & 7))) === 0) return false
    bit += b
    if (bit >= bits) bit -= bits
  }
  return true
}

/** What is to be known of a filter as a whole. */
export interface Gist {
  /** Share of all ids that it holds by mistake. */
  readonly mistaken: number
  /** About how many ids it holds. */
  readonly ids: number
  /** Tells filters apart: a hash in the manner of FNV-1a, eight bytes at a time. */
  readonly digest: number
}

/** Goes once over a filter, which is long. What is no whole word of 64 bits at its end has none of the bits. */
export function gistOf({ bytes, bits, hashCount }: BloomBits): Gist {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  // Both halves of a word are added, bit by bit, to what is left of those before, and what that carries over is counted.
  let left = 0
  let carried = 0
  let digest = 0
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const one = view.getInt32(at)
    const other = view.getInt32(at + 4)
    // The other half is mixed on the side, so that each word takes one round of what comes one after the other.
    digest = Math.imul(digest ^ one ^ Math.imul(other ^ (other >>> 15), 0x01000193), 0x01000193)
    digest ^= digest >>> 15
    const sum = left ^ one
    carried += onesOf((left & one) | (sum & other))
    left = sum ^ other
  }
  const full = Math.min(1, (2 * carried + onesOf(left)) / bits)
  return { mistaken: full ** hashCount, ids: (-bits / hashCount) * Math.log(1 - full), digest }
}

/** How many bits of a word are set, by sums of ever more bits side by side. */
function onesOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const pair = new Uint32Array(4)

/** Whether `id` is in a filter, or a false positive. */
export function bloomHas(filter: BloomBits, id: string): boolean {
  pairHashOf(filter.dialect)(id, pair)
  return testBits(filter, modulo(pair[0]!, pair[1]!, filter.bits), modulo(pair[2]!, pair[3]!, filter.bits))
}
