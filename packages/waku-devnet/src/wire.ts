import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Content that a protobuf field number is expected to have. */
export type FieldType = 'varint' | 'bytes'

/** One field as found on the wire; `bytes` only for length-delimited ones. */
export interface WireField {
  readonly number: number
  readonly bytes: Uint8Array | undefined
}

/** Fields of a request: more than any needs. @limit It is refused before anything is built from it. */
const MAX_FIELDS = 16_384

/**
 * Splits a message into its fields, in order, or returns `undefined` for one that is malformed or has
 * a known field of the wrong wire type.
 *
 * The codecs of `@waku/proto` fill in missing fields and skip over wrong ones; a service node tells
 * them apart, so this looks before they decode.
 */
export function splitFields(
  message: Uint8Array,
  known: Readonly<Record<number, FieldType>>,
): WireField[] | undefined {
  const fields: WireField[] = []
  const reader = new BinaryReader(message)
  try {
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag()
      const expected = known[number]
      if (expected !== undefined) {
        const wanted = expected === 'varint' ? WireType.Varint : WireType.LengthDelimited
        if (wireType !== wanted) return undefined
      }
      if (wireType === WireType.LengthDelimited) fields.push({ number, bytes: reader.bytes() })
      else {
        if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) return undefined
        reader.skip(wireType)
        fields.push({ number, bytes: undefined })
      }
      if (fields.length > MAX_FIELDS) return undefined
    }
  } catch {
    return undefined
  }
  return fields
}

/** The last occurrence of a length-delimited field, which is the one that counts in protobuf. */
export function lastBytes(fields: readonly WireField[], number: number): Uint8Array | undefined {
  return fields.findLast((field) => field.number === number)?.bytes
}

/** Bytes before the content of a length-delimited field. */
export function fieldHead(number: number, content: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(content.length).finish()
}
