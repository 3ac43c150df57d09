import type { Uint64 } from './uint64.ts'
import { HEAD, LARGE, VarintWriter } from './varint-writer.ts'
import { writeText } from './write-text.ts'

/**
 * Writes Protocol Buffers fields, in the order in which they are given. What is given must not change before
 * {@link finish}.
 *
 * @example
 * ```ts
 * const bytes = new WireWriter().text(1, 'name').varint(2, 7).finish()
 * ```
 */
export class WireWriter extends VarintWriter {
  /** A length-delimited field. */
  bytes(field: number, value: Uint8Array): this {
    this.reserve(HEAD + Math.min(value.length, LARGE))
    this.put32(field * 8 + 2)
    this.put32(value.length)
    this.take(value)
    return this
  }

  /** Tag and length of a length-delimited field whose `length` bytes follow what was written. */
  bytesHead(field: number, length: number): this {
    this.reserve(HEAD)
    this.put32(field * 8 + 2)
    this.put32(length)
    return this
  }

  /** A length-delimited field of text, as `encodeText` gives it. */
  text(field: number, value: string): this {
    this.reserve(HEAD + 3 * value.length)
    this.put32(field * 8 + 2)
    const start = this.position
    // Texts are short: their length takes one byte until it proves otherwise.
    const length = writeText(value, this.small, start + 1)
    this.position += 1 + length
    this.#setLength(start, length)
    return this
  }

  /** An embedded message, whose fields are written by what follows until {@link endNested}. */
  startNested(field: number): number {
    this.reserve(HEAD)
    this.put32(field * 8 + 2)
    return this.position++
  }

  /** @param start - what {@link startNested} returned */
  endNested(start: number): void {
    this.reserve(HEAD)
    let length = this.position - start - 1
    if (this.inserts !== undefined)
      for (const { at, bytes } of this.inserts) if (at > start) length += bytes.length
    this.#setLength(start, length)
  }

  /**
   * A varint field: an integer from 0, below 2⁶⁴.
   *
   * @throws WireNumberError for any other number
   */
  varint(field: number, value: Uint64): this {
    this.reserve(HEAD)
    this.put32(field * 8)
    this.put64(value)
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

  /** Writes a length at `start`, where one byte was left for it. */
  #setLength(start: number, length: number): void {
    if (length < 0x80) {
      this.small[start] = length
      return
    }
    const more = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4
    this.small.copyWithin(start + 1 + more, start + 1, this.position)
    if (this.inserts !== undefined) {
      this.inserts = this.inserts.map((insert) =>
        insert.at > start ? { ...insert, at: insert.at + more } : insert,
      )
    }
    const end = this.position + more
    this.position = start
    this.put32(length)
    this.position = end
  }
}
