import { utf8ToBytes } from '@noble/hashes/utils.js'

import { concat } from './concat.ts'
import { LENGTH_DELIMITED, VARINT } from './fields.ts'

/** Writes the fields of a protobuf message, in the order in which they are given. */
export class FieldWriter {
  /** What was written; bytes that were given are not copied. */
  readonly pieces: Uint8Array[] = []

  /** A varint field: an integer from 0, below 2³². */
  uint32(field: number, value: number): this {
    return this.#varints((field << 3) | VARINT, BigInt(value))
  }

  /** A zigzag varint field. */
  sint64(field: number, value: bigint): this {
    return this.#varints((field << 3) | VARINT, BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
  }

  bool(field: number, value: boolean): this {
    return this.uint32(field, value ? 1 : 0)
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varints((field << 3) | LENGTH_DELIMITED, BigInt(value.length))
    this.pieces.push(value)
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8ToBytes(value))
  }

  /** The message, in an array of its own. */
  finish(): Uint8Array {
    return concat(this.pieces)
  }

  #varints(tag: number, value: bigint): this {
    const written: number[] = []
    for (let rest of [BigInt(tag), value]) {
      for (; rest >= 0x80n; rest >>= 7n) written.push(Number(rest & 0x7fn) | 0x80)
      written.push(Number(rest))
    }
    this.pieces.push(Uint8Array.from(written))
    return this
  }
}
