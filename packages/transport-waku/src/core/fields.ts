/** Fields of one message that are looked at; what has more is no honest message. */
const MAX_FIELDS = 4096
/** A varint of 64 bits. */
const MAX_VARINT_BYTES = 10

/** How the value of a field is written: all of protobuf's but groups, which nobody uses. */
export const VARINT = 0
const FIXED64 = 1
export const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** Reads one field: takes what it knows, and returns `false` to have the field skipped. */
export type FieldReader = (field: number, value: FieldValue) => boolean

/**
 * Walks over the fields of a protobuf message. A known field of the wrong wire type makes the message malformed.
 *
 * @returns Whether the message was well-formed to its end.
 */
export function readFields(bytes: Uint8Array, read: FieldReader): boolean {
  const value = new FieldValue(bytes)
  try {
    for (let count = 0; !value.isAtEnd; count++) {
      if (count >= MAX_FIELDS) return false
      const field = value.next()
      if (!read(field, value)) value.skip()
    }
  } catch {
    return false
  }
  return true
}

/** Thrown inside a {@link FieldReader} to end the walk: a field is not what it must be. */
class MalformedFieldError extends Error {
  override readonly name = 'MalformedFieldError'
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** The value of the field that a walk is at; to be taken once. */
export class FieldValue {
  readonly #bytes: Uint8Array
  #at = 0
  #type = VARINT

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Goes on to the next field; returns its number. */
  next(): number {
    const tag = this.#varint32()
    this.#type = tag & 7
    if (tag < 8) throw new MalformedFieldError('a field without a number')
    return tag >>> 3
  }

  skip(): void {
    if (this.#type === VARINT) this.#varint32()
    else if (this.#type === LENGTH_DELIMITED) this.view()
    else if (this.#type === FIXED64) this.#take(8)
    else if (this.#type === FIXED32) this.#take(4)
    else throw new MalformedFieldError(`unexpected wire type ${this.#type}`)
  }

  /** A varint field as a number below 2³². */
  uint32(): number {
    this.#expect(VARINT)
    return this.#varint32()
  }

  /** A zigzag varint field. */
  sint64(): bigint {
    this.#expect(VARINT)
    let value = 0n
    for (let digits = 0n; digits < MAX_VARINT_BYTES; digits++) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << (7n * digits)
      if (byte < 0x80) {
        const unsigned = BigInt.asUintN(64, value)
        return (unsigned >> 1n) ^ -(unsigned & 1n)
      }
    }
    throw new MalformedFieldError('an endless varint')
  }

  /** A length-delimited field as a view, which keeps the whole reply in memory. */
  view(): Uint8Array {
    this.#expect(LENGTH_DELIMITED)
    return this.#take(this.#varint32())
  }

  /** A length-delimited field as plain bytes of its own. */
  bytes(): Uint8Array {
    // `slice` of a Buffer would be a view.
    return new Uint8Array(this.view())
  }

  /** A length-delimited field as text. */
  text(): string {
    return utf8.decode(this.view())
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new MalformedFieldError(`expected wire type ${type}, got ${this.#type}`)
  }

  /** The low 32 bits of a varint. */
  #varint32(): number {
    let value = 0
    for (let digits = 0; digits < MAX_VARINT_BYTES; digits++) {
      const byte = this.#byte()
      if (digits < 5) value |= (byte & 0x7f) << (7 * digits)
      if (byte < 0x80) return value >>> 0
    }
    throw new MalformedFieldError('an endless varint')
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new MalformedFieldError('the message ends within a field')
    return byte
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new MalformedFieldError('the message ends within a field')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}
