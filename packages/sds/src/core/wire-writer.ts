import { type Lamport, lamportHigh, lamportLow } from './lamport.ts'
import { encodeText, writeText } from './text.ts'

/** Largest number of bytes of a field's tag and length. */
const HEAD = 10

/**
 * Writes Protocol Buffers fields into a buffer of a size known in advance, which {@link WireWriter.finish} cuts.
 * Size it with {@link bytesRoom} and {@link textRoom}.
 */
export class WireWriter {
  readonly #target: Uint8Array<ArrayBuffer>
  #position = 0

  constructor(room: number) {
    this.#target = new Uint8Array(room)
  }

  /** A length-delimited field. */
  bytes(field: number, value: Uint8Array): void {
    this.uint32(field * 8 + 2)
    this.uint32(value.length)
    this.#target.set(value, this.#position)
    this.#position += value.length
  }

  text(field: number, value: string): void {
    this.uint32(field * 8 + 2)
    this.plainText(value)
  }

  /** Length and text, with no tag. */
  plainText(value: string): void {
    const start = this.#position
    // Texts are short: room for the length is one byte until it proves otherwise.
    const length = writeText(value, this.#target, start + 1)
    if (length < 0x80) {
      this.#target[start] = length
      this.#position = start + 1 + length
      return
    }
    this.uint32(length)
    this.#target.set(encodeText(value), this.#position)
    this.#position += length
  }

  /** An embedded message written by `content`, which needs at most `room` bytes. */
  nested(field: number, room: number, content: (writer: WireWriter) => void): void {
    const inner = new WireWriter(room)
    content(inner)
    this.bytes(field, inner.finish())
  }

  varintField(field: number, value: Lamport): void {
    this.uint32(field * 8)
    this.uint64(value)
  }

  uint32(value: number): void {
    const target = this.#target
    let rest = value >>> 0
    while (rest > 0x7f) {
      target[this.#position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    target[this.#position++] = rest
  }

  uint64(value: Lamport): void {
    const target = this.#target
    let low = lamportLow(value)
    let high = lamportHigh(value)
    while (high !== 0 || low > 0x7f) {
      target[this.#position++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    target[this.#position++] = low
  }

  /** What was written: a view of the buffer if it is filled well, else a copy of the right size. */
  finish(): Uint8Array<ArrayBuffer> {
    const length = this.#position
    return this.#target.length - length > 1024
      ? this.#target.slice(0, length)
      : this.#target.subarray(0, length)
  }
}

/** Room that a bytes field needs at most. */
export const bytesRoom = (value: Uint8Array): number => HEAD + value.length

/** Room that a text field needs at most. */
export const textRoom = (value: string): number => HEAD + 3 * value.length
