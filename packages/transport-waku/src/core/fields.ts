import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Fields of one message that are looked at; what has more is no honest message. */
const MAX_FIELDS = 4096

/** Reads one field: takes what it knows from the reader, and returns `false` to have it skipped. */
export type FieldReader = (field: number, type: WireType, reader: BinaryReader) => boolean

/**
 * Walks over the fields of a protobuf message. A known field of the wrong wire type makes the message malformed.
 *
 * @returns Whether the message was well-formed to its end.
 */
export function readFields(bytes: Uint8Array, read: FieldReader): boolean {
  const reader = new BinaryReader(bytes)
  try {
    for (let count = 0; reader.pos < reader.len; count++) {
      if (count >= MAX_FIELDS) return false
      const [field, type] = reader.tag()
      if (type === WireType.StartGroup || type === WireType.EndGroup) return false
      if (!read(field, type, reader)) reader.skip(type)
    }
  } catch {
    return false
  }
  return reader.pos === reader.len
}

/** Thrown inside a {@link FieldReader} to end the walk: a field is not what it must be. */
export class MalformedFieldError extends Error {
  override readonly name = 'MalformedFieldError'
  readonly code = 'ERR_MALFORMED_FIELD'
}

/** Checks the wire type of a known field. */
export function expectType(actual: WireType, expected: WireType): void {
  if (actual !== expected) throw new MalformedFieldError(`expected wire type ${expected}, got ${actual}`)
}

/** A length-delimited field as plain bytes of its own: not a view that would keep the whole reply in memory. */
export function ownBytes(type: WireType, reader: BinaryReader): Uint8Array {
  expectType(type, WireType.LengthDelimited)
  // `slice` of a Buffer would be a view.
  return new Uint8Array(reader.bytes())
}

/** A length-delimited field as text. */
export function text(type: WireType, reader: BinaryReader): string {
  expectType(type, WireType.LengthDelimited)
  return reader.string()
}

/** A varint field as a number below 2³². */
export function uint32(type: WireType, reader: BinaryReader): number {
  expectType(type, WireType.Varint)
  return reader.uint32()
}
