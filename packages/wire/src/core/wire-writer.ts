import { type Uint64, checkUint64, highHalf, lowHalf } from './uint64.ts'
import { writeText } from './write-text.ts'

/** Bytes fields larger than this are copied once, straight to where they end up. */
const LARGE = 256
/** Largest number of bytes of a field's tag and number. */
const HEAD = 15
/** A larger array of collected fields is not kept for the next writer. */
const KEPT = 262_144

/** Where small fields are collected; taken by the writer at work. */
let spare: Uint8Array<ArrayBuffer> | undefined

interface Insert {
  /** After so many collected bytes. */
  readonly at: number
  readonly bytes: Uint8Array
}

/**
 * Writes Protocol Buffers fields, in the order in which they are given. What is given must not change before
 * {@link finish}.
 *
 * @example
 * ```ts
 * const bytes = new WireWriter().text(1, 'name').varint(2, 7).finish()
 * ```
 */
export class WireWriter {
  #small: Uint8Array<ArrayBuffer>
  #position = 0
  #inserts: Insert[] | undefined
  #inserted = 0

  constructor() {
    this.#small = spare ?? new Uint8Array(4096)
    spare = undefined
  }

  /** A length-delimited field. */
  bytes(field: number, value: Uint8Array): this {
    this.#reserve(HEAD + LARGE)
    this.#put(field * 8 + 2)
    this.#put(value.length)
    this.#take(value)
    return this
  }

  /** Tag and length of a length-delimited field whose `length` bytes follow what was written. */
  bytesHead(field: number, length: number): this {
    this.#reserve(HEAD)
    this.#put(field * 8 + 2)
    this.#put(length)
    return this
  }

  /** A length-delimited field of text, as `encodeText` gives it. */
  text(field: number, value: string): this {
    this.#reserve(HEAD + 3 * value.length)
    this.#put(field * 8 + 2)
    const start = this.#position
    // Texts are short: their length takes one byte until it proves otherwise.
    const length = writeText(value, this.#small, start + 1)
    this.#position += 1 + length
    this.#setLength(start, length)
    return this
  }

  /** An embedded message, whose fields are written by what follows until {@link endNested}. */
  startNested(field: number): number {
    this.#reserve(HEAD)
    this.#put(field * 8 + 2)
    return this.#position++
  }

  /** @param start - what {@link startNested} returned */
  endNested(start: number): void {
    this.#reserve(HEAD)
    let length = this.#position - start - 1
    for (const { at, bytes } of this.#inserts ?? []) if (at > start) length += bytes.length
    this.#setLength(start, length)
  }

  /**
   * A varint field: an integer from 0, below 2⁶⁴.
   *
   * @throws WireNumberError for any other number
   */
  varint(field: number, value: Uint64): this {
    this.#reserve(HEAD)
    this.#put(field * 8)
    this.#putUint64(value)
    return this
  }

  /**
   * A zigzag varint field (`sint64`): an integer from −2⁶³, below 2⁶³.
   *
   * @throws WireNumberError for any other number
   */
  sint64(field: number, value: bigint): this {
    return this.varint(field, value < 0n ? -2n * value - 1n : 2n * value)
  }

  /**
   * A varint that is no field: an integer from 0, below 2⁶⁴.
   *
   * @throws WireNumberError for any other number
   */
  number(value: Uint64): this {
    this.#reserve(HEAD)
    this.#putUint64(value)
    return this
  }

  /** One byte that is no field. */
  byte(value: number): this {
    this.#reserve(1)
    this.#small[this.#position++] = value
    return this
  }

  /** Bytes that are no field, or that {@link bytesHead} announced. */
  raw(value: Uint8Array): this {
    this.#reserve(LARGE)
    this.#take(value)
    return this
  }

  /** All that was written, in an array of exactly its size. The writer is not to be used afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    const small = this.#small
    const result = new Uint8Array(this.#position + this.#inserted)
    let from = 0
    let to = 0
    for (const { at, bytes } of this.#inserts ?? []) {
      copy(small, from, at, result, to)
      to += at - from
      result.set(bytes, to)
      to += bytes.length
      from = at
    }
    copy(small, from, this.#position, result, to)
    if (small.length <= KEPT) spare = small
    return result
  }

  #reserve(count: number): void {
    if (this.#position + count <= this.#small.length) return
    const grown = new Uint8Array(2 * (this.#position + count))
    grown.set(this.#small)
    this.#small = grown
  }

  #put(value: number): void {
    const small = this.#small
    let rest = value
    while (rest > 0x7f) {
      small[this.#position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    small[this.#position++] = rest
  }

  #putUint64(value: Uint64): void {
    checkUint64(value)
    let low = lowHalf(value)
    let high = highHalf(value)
    while (high !== 0 || low > 0x7f) {
      this.#small[this.#position++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.#small[this.#position++] = low
  }

  /** Collects bytes, for which there is room if they are not large. */
  #take(value: Uint8Array): void {
    if (value.length > LARGE) {
      this.#inserts ??= []
      this.#inserts.push({ at: this.#position, bytes: value })
      this.#inserted += value.length
    } else {
      this.#small.set(value, this.#position)
      this.#position += value.length
    }
  }

  /** Writes a length at `start`, where one byte was left for it. */
  #setLength(start: number, length: number): void {
    if (length < 0x80) {
      this.#small[start] = length
      return
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4
    this.#small.copyWithin(start + 1 + more, start + 1, this.#position)
    if (this.#inserts !== undefined) {
      this.#inserts = this.#inserts.map((insert) =>
        insert.at > start ? { ...insert, at: insert.at + more } : insert,
      )
    }
    const end = this.#position + more
    this.#position = start
    this.#put(length)
    this.#position = end
  }
}

/** So many bytes are copied faster by a loop than by a view and `set`. */
const FEW = 32

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, offset: number): void {
  if (end - start > FEW) to.set(from.subarray(start, end), offset)
  else for (let i = start; i < end; i++) to[offset + i - start] = from[i]!
}
