/** A field of a Protocol Buffers message: where it begins, where its value begins, and where it ends. */
export interface RawField {
  readonly start: number
  readonly valueAt: number
  readonly end: number
  readonly wireType: number
}

/** The fields of bytes, as far as they are fields at all: what follows the first flaw is left out. */
export function rawFields(bytes: Uint8Array): RawField[] {
  const fields: RawField[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at)
    if (tag === undefined) return fields
    const wireType = Number(tag.value & 7n)
    const end = endOf(bytes, tag.end, wireType)
    if (end === undefined) return fields
    fields.push({ start: at, wireType, ...end })
    at = end.end
  }
  return fields
}

function endOf(
  bytes: Uint8Array,
  at: number,
  wireType: number,
): Pick<RawField, 'valueAt' | 'end'> | undefined {
  if (wireType === 0) {
    const number = readVarint(bytes, at)
    return number && { valueAt: at, end: number.end }
  }
  if (wireType === 2) {
    const length = readVarint(bytes, at)
    if (length === undefined || length.value > BigInt(bytes.length - length.end)) return undefined
    return { valueAt: length.end, end: length.end + Number(length.value) }
  }
  const size = wireType === 1 ? 8 : wireType === 5 ? 4 : Infinity
  return at + size > bytes.length ? undefined : { valueAt: at, end: at + size }
}

function readVarint(bytes: Uint8Array, at: number): { value: bigint; end: number } | undefined {
  let value = 0n
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value, end: at + i + 1 }
  }
  return undefined
}

/** A varint of a number, or of the lowest 64 bits of it. */
export function varint(value: bigint | number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return [...bytes, Number(rest)]
}
