import { type Lamport, lamportOf } from './lamport.ts'
import { readText } from './text.ts'

/** Bytes that are no SDS message, and why. Data for the caller: it never leaves the package as an exception. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** Wire types of Protocol Buffers. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/**
 * Reads Protocol Buffers fields of untrusted bytes: every length is checked before it is used, and nothing is copied.
 *
 * @throws {@link MalformedMessage} from every method
 */
export class WireReader {
  readonly bytes: Uint8Array
  position: number
  end: number

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.position = start
    this.end = end
  }

  get done(): boolean {
    return this.position >= this.end
  }

  /** The next tag: field number × 8 + wire type. */
  tag(): number {
    const tag = this.uint32()
    if (tag >>> 3 === 0) throw new MalformedMessage('a field number is 0')
    return tag
  }

  /** An unsigned varint that fits 32 bits. */
  uint32(): number {
    const { bytes, end } = this
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.position >= end) throw new MalformedMessage('a varint is cut off')
      const byte = bytes[this.position++]!
      if (shift === 28 && byte > 0x0f) throw new MalformedMessage('a length or tag does not fit 32 bits')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new MalformedMessage('a varint is too long')
  }

  /** An unsigned 64-bit varint. `strict` refuses one written longer than necessary. */
  uint64(strict = false): Lamport {
    const { bytes, end } = this
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= end) throw new MalformedMessage('a varint is cut off')
      const byte = bytes[this.position++]!
      if (shift === 63 && byte > 1) throw new MalformedMessage('a varint does not fit 64 bits')
      if (shift < 28) low |= (byte & 0x7f) << shift
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28
        high = (byte & 0x7f) >> 4
      } else high |= (byte & 0x7f) << (shift - 32)
      if (byte < 0x80) {
        if (strict && byte === 0 && shift > 0) throw new MalformedMessage('a varint is not minimal')
        return lamportOf(high >>> 0, low >>> 0)
      }
    }
    throw new MalformedMessage('a varint is too long')
  }

  /** Length-delimited bytes, as a view. */
  view(): Uint8Array {
    const start = this.#pass()
    return this.bytes.subarray(start, this.position)
  }

  text(): string {
    const start = this.#pass()
    return readText(this.bytes, start, this.position)
  }

  /** Enters the embedded message that follows: fields are read until {@link done}, then {@link leave} goes on after it. */
  enter(): number {
    const outer = this.end
    const start = this.#pass()
    this.end = this.position
    this.position = start
    return outer
  }

  /** @param outer - what {@link enter} returned */
  leave(outer: number): void {
    this.end = outer
  }

  /** Passes over length-delimited bytes; returns where they start. */
  #pass(): number {
    const length = this.uint32()
    const start = this.position
    if (length > this.end - start) throw new MalformedMessage('a length exceeds the message')
    this.position = start + length
    return start
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
      default:
        throw new MalformedMessage(`wire type ${tag & 7} is not supported`)
    }
  }

  #advance(count: number): void {
    if (count > this.end - this.position) throw new MalformedMessage('a field is cut off')
    this.position += count
  }
}
