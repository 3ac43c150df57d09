import { concat } from '@reliable-channels/wire'
import { type RawField, rawFields, varint } from './fields.ts'

/** No input is longer, bytes. */
const MOST_BYTES = 65_536
/** Fields in fields in which something is changed. */
const MOST_DEPTH = 4
/** Times that a field is repeated. */
const MOST_COPIES = 2_000

/** Numbers at which something may go wrong. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 63n, 64n, 65n, 127n, 128n, 255n, 256n, 257n, 1_000n, 65_535n, 65_536n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n],
  ...[2n ** 63n - 2n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
  // Milliseconds, seconds and nanoseconds of our time.
  ...[1_795_000_000_000n, 1_795_000_000n, 1_795_000_000_000_000_000n],
]

/** Bytes that are no text, or odd text. */
const TEXTS: readonly Uint8Array[] = [
  Uint8Array.of(0xed, 0xb3, 0xbf),
  Uint8Array.of(0xff, 0xfe),
  Uint8Array.of(0xef, 0xbb, 0xbf),
  Uint8Array.of(0),
  new TextEncoder().encode('__proto__'),
  new TextEncoder().encode('é'.repeat(200)),
]

/** Makes inputs of real ones: as they are, with fields changed, left out, repeated and mixed, or with bytes changed. */
export class Mutator {
  readonly #seeds: readonly Uint8Array[]
  readonly #random: () => number

  constructor(seeds: readonly Uint8Array[], random: () => number) {
    this.#seeds = seeds
    this.#random = random
  }

  next(): Uint8Array {
    let bytes = this.#pick(this.#seeds)
    // Most have one fault: what has many is refused for the first.
    for (let faults = this.#below(8); faults > 0; faults = this.#below(faults)) bytes = this.#change(bytes, 0)
    return bytes.slice(0, MOST_BYTES)
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.#below(all.length)]!
  }

  #change(bytes: Uint8Array, depth: number): Uint8Array {
    const fields = this.#random() < 0.7 ? rawFields(bytes) : []
    return fields.length > 0 ? this.#changeField(bytes, fields, depth) : this.#changeBytes(bytes)
  }

  #changeField(bytes: Uint8Array, fields: readonly RawField[], depth: number): Uint8Array {
    const field = this.#pick(fields)
    const { start, valueAt, end, wireType } = field
    const whole = bytes.subarray(start, end)
    const value = bytes.subarray(valueAt, end)
    const put = (...pieces: (Uint8Array | readonly number[])[]): Uint8Array =>
      joined(bytes.subarray(0, start), ...pieces, bytes.subarray(end))
    // The tag alone, without the length of what follows.
    const tag = bytes.subarray(start, tagEnd(bytes, start))
    switch (this.#below(9)) {
      case 0:
        return put()
      case 1:
        return put(...Array.from({ length: 1 + this.#copies(whole.length) }, () => whole))
      case 2:
        return put(this.#foreignField(), whole)
      case 3:
        // Behind all others.
        return joined(bytes.subarray(0, start), bytes.subarray(end), whole)
      case 4:
        // Of another type or number.
        return put([(whole[0]! ^ (1 << this.#below(7))) & 0x7f], bytes.subarray(start + 1, end))
    }
    if (wireType === 0) return put(tag, varint(this.#number()))
    if (wireType !== 2) return put(tag, this.#noise(value.length))
    const roll = this.#random()
    if (roll < 0.15) return put(tag, varint(this.#number()), value)
    const changed =
      roll < 0.3
        ? this.#pick(TEXTS)
        : roll < 0.4
          ? this.#noise(this.#below(80))
          : depth < MOST_DEPTH
            ? this.#change(value, depth + 1)
            : this.#changeBytes(value)
    return put(tag, varint(changed.length), changed)
  }

  #changeBytes(bytes: Uint8Array): Uint8Array {
    switch (this.#below(7)) {
      case 0:
        return this.#noise(this.#below(120))
      case 1:
        return bytes.subarray(0, this.#below(bytes.length + 1))
      case 2:
        return joined(bytes, this.#pick(this.#seeds).subarray(0, 4_096))
      case 3: {
        const at = this.#below(bytes.length + 1)
        return joined(bytes.subarray(0, at), varint(this.#number()), bytes.subarray(at))
      }
      default: {
        const changed = bytes.slice()
        for (let i = this.#below(4); i >= 0 && bytes.length > 0; i--) {
          const at = this.#below(changed.length)
          changed[at] =
            this.#random() < 0.5 ? changed[at]! ^ (1 << this.#below(8)) : this.#pick([0, 1, 0x7f, 0x80, 0xff])
        }
        return changed
      }
    }
  }

  /** A field of another input. */
  #foreignField(): Uint8Array {
    const other = this.#pick(this.#seeds)
    const fields = rawFields(other)
    if (fields.length === 0) return this.#noise(3)
    const { start, end } = this.#pick(fields)
    return other.subarray(start, Math.min(end, start + 4_096))
  }

  #copies(bytes: number): number {
    const most = Math.min(MOST_COPIES, Math.floor(MOST_BYTES / Math.max(1, bytes)))
    return this.#random() < 0.9 ? this.#below(4) : this.#below(most)
  }

  #number(): bigint {
    return this.#random() < 0.7 ? this.#pick(NUMBERS) : BigInt(this.#below(2 ** this.#below(53)))
  }

  #noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#below(256))
  }
}

/** Where the tag of a field ends. */
function tagEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (bytes[at]! >= 0x80) at++
  return at + 1
}

const joined = (...pieces: (Uint8Array | readonly number[])[]): Uint8Array =>
  concat(pieces.map((piece) => (piece instanceof Uint8Array ? piece : Uint8Array.from(piece))))
