import { readText } from './read-text.ts'
import { VarintReader } from './varint-reader.ts'

/** Wire types of Protocol Buffers, the last three bits of a tag. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const

/** Groups in groups that are passed over. @limit The message is malformed. */
const MAX_NESTING = 100

/**
 * Reads Protocol Buffers fields of untrusted bytes: every length is checked before it is used, and nothing is copied but
 * by {@link bytes}. Its methods throw for bytes that are no message, and the reader is of no use afterwards.
 *
 * @example
 * ```ts
 * while (!reader.done) {
 *   const tag = reader.tag()
 *   if (tag === 1 * 8 + WIRE.bytes) title = reader.text()
 *   else reader.skip(tag)
 * }
 * ```
 */
export class WireReader extends VarintReader {
  /** The next tag: field number × 8 + wire type. What it announces must be read, or {@link skip}ped. */
  tag(): number {
    const tag = this.uint32()
    if (tag >>> 3 === 0) throw new this.Malformed('a field number is 0')
    return tag
  }

  /** A zigzag 64-bit varint (`sint64`). */
  sint64(): bigint {
    const value = BigInt(this.uint64())
    return (value >> 1n) ^ -(value & 1n)
  }

  /** Length-delimited bytes, as a view, which keeps all that is read from in memory. */
  view(): Uint8Array {
    const start = this.#pass()
    return this.source.subarray(start, this.position)
  }

  /** Length-delimited bytes as an array of their own, also when read from a `Buffer`. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.view())
  }

  /** Length-delimited text; what is no UTF-8 comes as `decodeText` gives it. */
  text(): string {
    const start = this.#pass()
    return readText(this.source, start, this.position)
  }

  /**
   * Enters the embedded message that follows: its fields are read until {@link done}, then {@link leave} goes on after
   * it.
   */
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
        throw new this.Malformed(`wire type ${tag & 7} where a field begins`)
    }
  }

  /** Passes over length-delimited bytes; returns where they start. */
  #pass(): number {
    const length = this.uint32()
    const start = this.position
    if (length > this.end - start) throw new this.Malformed('a length exceeds the message')
    this.position = start + length
    return start
  }

  /** Passes over a group, which lasts until it ends by its own number. Nobody writes them any more. */
  #passGroup(field: number): void {
    const open = [field]
    while (open.length > 0) {
      const tag = this.tag()
      if ((tag & 7) === WIRE.startGroup) {
        if (open.push(tag >>> 3) > MAX_NESTING) throw new this.Malformed('groups are nested too deeply')
      } else if ((tag & 7) === WIRE.endGroup) {
        if (open.pop() !== tag >>> 3) throw new this.Malformed('a group ends that is not open')
      } else this.skip(tag)
    }
  }

  #advance(count: number): void {
    if (count > this.end - this.position) throw new this.Malformed('a field is cut off')
    this.position += count
  }
}
