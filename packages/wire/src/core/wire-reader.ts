import { MalformedBytes } from './malformed-bytes.ts'
import { readText } from './read-text.ts'
import { type Uint64, uint64Of } from './uint64.ts'

/** Wire types of Protocol Buffers, the last three bits of a tag. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

/** Groups in groups that are passed over. */
const MAX_NESTING = 100

/**
 * Reads Protocol Buffers fields of untrusted bytes: every length is checked before it is used, and nothing is copied but
 * by {@link bytes}. Its methods throw for bytes that are no message, and the reader is of no use afterwards.
 *
 * @example
 * ```ts
 * while (!reader.done) {
 *   const tag = reader.tag()
 *   if (tag === 1 * 8 + WIRE.bytes) name = reader.text()
 *   else reader.skip(tag)
 * }
 * ```
 */
export class WireReader {
  readonly #bytes: Uint8Array
  readonly #Malformed: new (reason: string) => Error
  #position: number
  #end: number

  /**
   * @param Malformed - what is thrown for bytes that are no message
   */
  constructor(
    bytes: Uint8Array,
    start = 0,
    end: number = bytes.length,
    Malformed: new (reason: string) => Error = MalformedBytes,
  ) {
    this.#bytes = plain(bytes)
    this.#position = start
    this.#end = end
    this.#Malformed = Malformed
  }

  /** Whether the end of the message, or of the embedded one that was entered, is reached. */
  get done(): boolean {
    return this.#position >= this.#end
  }

  /** The next tag: field number × 8 + wire type. What it announces must be read, or {@link skip}ped. */
  tag(): number {
    const tag = this.uint32()
    if (tag >>> 3 === 0) throw new this.#Malformed('a field number is 0')
    return tag
  }

  /** An unsigned varint that fits 32 bits. */
  uint32(): number {
    const bytes = this.#bytes
    const end = this.#end
    let value = 0
    for (let shift = 0; ; shift += 7) {
      if (this.#position >= end) throw new this.#Malformed('a varint is cut off')
      const byte = bytes[this.#position++]!
      if (shift === 28 && byte > 0x0f) throw new this.#Malformed('a length or tag does not fit 32 bits')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  /** An unsigned 64-bit varint. `strict` refuses one written longer than necessary. */
  uint64(strict = false): Uint64 {
    const bytes = this.#bytes
    const end = this.#end
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (this.#position >= end) throw new this.#Malformed('a varint is cut off')
      const byte = bytes[this.#position++]!
      if (shift === 63 && byte > 1) throw new this.#Malformed('a varint does not fit 64 bits')
      if (shift < 28) low |= (byte & 0x7f) << shift
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28
        high = (byte & 0x7f) >> 4
      } else high |= (byte & 0x7f) << (shift - 32)
      if (byte < 0x80) {
        if (strict && byte === 0 && shift > 0) throw new this.#Malformed('a varint is not minimal')
        return uint64Of(high >>> 0, low >>> 0)
      }
    }
  }

  /** A zigzag 64-bit varint (`sint64`). */
  sint64(): bigint {
    const value = BigInt(this.uint64())
    return (value >> 1n) ^ -(value & 1n)
  }

  /** Length-delimited bytes, as a view, which keeps all that is read from in memory. */
  view(): Uint8Array {
    const start = this.#pass()
    return this.#bytes.subarray(start, this.#position)
  }

  /** Length-delimited bytes as an array of their own, also when read from a `Buffer`. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view())
  }

  /** Length-delimited text; what is no UTF-8 comes as `decodeText` gives it. */
  text(): string {
    const start = this.#pass()
    return readText(this.#bytes, start, this.#position)
  }

  /**
   * Enters the embedded message that follows: its fields are read until {@link done}, then {@link leave} goes on after
   * it.
   */
  enter(): number {
    const outer = this.#end
    const start = this.#pass()
    this.#end = this.#position
    this.#position = start
    return outer
  }

  /** @param outer - what {@link enter} returned */
  leave(outer: number): void {
    this.#end = outer
  }

  /** Passes over a field of no interest. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.uint64()
        return
      case WIRE.bytes:
        this.#pass()
        return
      case WIRE.fixed64:
        return this.#advance(8)
      case WIRE.fixed32:
        return this.#advance(4)
      case WIRE.startGroup:
        return this.#passGroup(tag >>> 3)
      default:
        throw new this.#Malformed(`wire type ${tag & 7} where a field begins`)
    }
  }

  /** Passes over length-delimited bytes; returns where they start. */
  #pass(): number {
    const length = this.uint32()
    const start = this.#position
    if (length > this.#end - start) throw new this.#Malformed('a length exceeds the message')
    this.#position = start + length
    return start
  }

  /** Passes over a group, which lasts until it ends by its own number. Nobody writes them any more. */
  #passGroup(field: number): void {
    const open = [field]
    while (open.length > 0) {
      const tag = this.tag()
      if ((tag & 7) === WIRE.startGroup) {
        if (open.push(tag >>> 3) > MAX_NESTING) throw new this.#Malformed('groups are nested too deeply')
      } else if ((tag & 7) === WIRE.endGroup) {
        if (open.pop() !== tag >>> 3) throw new this.#Malformed('a group ends that is not open')
      } else this.skip(tag)
    }
  }

  #advance(count: number): void {
    if (count > this.#end - this.#position) throw new this.#Malformed('a field is cut off')
    this.#position += count
  }
}

/** A `Buffer` of Node.js as the plain array that it is: `slice` of a `Buffer` would share its memory. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
