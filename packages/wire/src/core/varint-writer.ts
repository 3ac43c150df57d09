import { type Uint64, checkUint64, highHalf, lowHalf } from './uint64.ts'

/**
 * Bytes longer than this are copied once, straight to where they end up. Others are collected first: memory that is filled
 * as it is made need not be cleared before, which costs more than to copy what is in the cache.
 */
export const LARGE = 32_768
/** Largest number of bytes of a tag and a number. */
export const HEAD = 15
/** A larger array of collected fields is not kept for the next writer. */
const KEPT = 262_144

/** Where small fields are collected; taken by the writer at work. */
let spare: Uint8Array<ArrayBuffer> | undefined

/** Bytes that are not copied yet. */
interface Insert {
  /** After so many collected bytes. */
  readonly at: number
  readonly bytes: Uint8Array
}

/**
 * Writes base-128 varints and bytes, in the order in which they are given. What is given must not change before
 * {@link finish}.
 */
export class VarintWriter {
  protected small: Uint8Array<ArrayBuffer>
  protected position = 0
  protected inserts: Insert[] | undefined = undefined
  protected inserted = 0

  constructor() {
    this.small = spare ?? new Uint8Array(4096)
    spare = undefined
  }

  /**
   * A varint: an integer from 0, below 2⁶⁴.
   *
   * @throws WireNumberError for any other number
   */
  number(value: Uint64): this {
    this.reserve(HEAD)
    this.put64(value)
    return this
  }

  /** One byte. */
  byte(value: number): this {
    this.reserve(1)
    this.small[this.position++] = value
    return this
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): this {
    this.reserve(Math.min(value.length, LARGE))
    this.take(value)
    return this
  }

  /** All that was written, in an array of exactly its size. The writer is not to be used afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    const small = this.small
    if (this.inserts === undefined) {
      if (small.length <= KEPT) spare = small
      return small.slice(0, this.position)
    }
    const result = new Uint8Array(this.position + this.inserted)
    let from = 0
    let to = 0
    for (const { at, bytes } of this.inserts) {
      copy(small, from, at, result, to)
      to += at - from
      result.set(bytes, to)
      to += bytes.length
      from = at
    }
    copy(small, from, this.position, result, to)
    if (small.length <= KEPT) spare = small
    return result
  }

  /** Makes room for so many collected bytes. */
  protected reserve(count: number): void {
    if (this.position + count <= this.small.length) return
    const grown = new Uint8Array(2 * (this.position + count))
    grown.set(this.small)
    this.small = grown
  }

  /** A varint below 2³², for which there is room. */
  protected put32(value: number): void {
    const small = this.small
    let rest = value
    while (rest > 0x7f) {
      small[this.position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    small[this.position++] = rest
  }

  /** A varint, for which there is room. */
  protected put64(value: Uint64): void {
    checkUint64(value)
    let low = lowHalf(value)
    let high = highHalf(value)
    while (high !== 0 || low > 0x7f) {
      this.small[this.position++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.small[this.position++] = low
  }

  /** Collects bytes, for which there is room if they are not large. */
  protected take(value: Uint8Array): void {
    if (value.length > LARGE) {
      this.inserts ??= []
      this.inserts.push({ at: this.position, bytes: value })
      this.inserted += value.length
    } else {
      this.small.set(value, this.position)
      this.position += value.length
    }
  }
}

/** So many bytes are copied faster by a loop than by a view and `set`. */
const FEW = 32

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, offset: number): void {
  if (end - start > FEW) to.set(from.subarray(start, end), offset)
  else for (let i = start; i < end; i++) to[offset + i - start] = from[i]!
}
