import { MalformedBytes } from './malformed-bytes.ts'
import { type Uint64, uint64Of } from './uint64.ts'

/**
 * Reads base-128 varints, one after the other, from untrusted bytes. It is of no use after it has thrown.
 */
export class VarintReader {
  protected readonly source: Uint8Array
  protected position: number
  protected end: number
  protected readonly Malformed: new (reason: string) => Error

  /**
   * @param Malformed - what is thrown for bytes that are no message
   */
  constructor(
    source: Uint8Array,
    start = 0,
    end: number = source.length,
    Malformed: new (reason: string) => Error = MalformedBytes,
  ) {
    this.source = plain(source)
    this.position = start
    this.end = end
    this.Malformed = Malformed
  }

  /** Whether the end is reached: of all that is read, or of the embedded message that was entered. */
  get done(): boolean {
    return this.position >= this.end
  }

  /** An unsigned varint that fits 32 bits. */
  uint32(): number {
    const bytes = this.source
    const end = this.end
    let value = 0
    for (let shift = 0; ; shift += 7) {
      if (this.position >= end) throw new this.Malformed('a varint is cut off')
      const byte = bytes[this.position++]!
      if (shift === 28 && byte > 0x0f) throw new this.Malformed('a length or tag does not fit 32 bits')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  /** An unsigned 64-bit varint. `strict` refuses one written longer than necessary. */
  uint64(strict = false): Uint64 {
    const bytes = this.source
    const end = this.end
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (this.position >= end) throw new this.Malformed('a varint is cut off')
      const byte = bytes[this.position++]!
      if (shift === 63 && byte > 1) throw new this.Malformed('a varint does not fit 64 bits')
      if (shift < 28) low |= (byte & 0x7f) << shift
      else if (shift === 28) {
        low |= (byte & 0x0f) << 28
        high = (byte & 0x7f) >> 4
      } else high |= (byte & 0x7f) << (shift - 32)
      if (byte < 0x80) {
        if (strict && byte === 0 && shift > 0) throw new this.Malformed('a varint is not minimal')
        return uint64Of(high >>> 0, low >>> 0)
      }
    }
  }
}

/** A `Buffer` of Node.js as the plain array that it is: `slice` of a `Buffer` would share its memory. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
