import { type Uint64, WIRE, WireReader, readFields } from '@reliable-channels/wire'
import type { Segment } from './segment.ts'

/** Numbers above this are out of every bound; what lies beyond is of no interest. */
const CLAMP = 2 ** 32

const NOTHING = new Uint8Array(0)

/** The fields of a message by number, as far as either dialect knows them; the last of a repeated one wins. */
interface Fields {
  readonly numbers: (number | undefined)[]
  readonly bytes: (Uint8Array | undefined)[]
}

/**
 * Reads a segment of either dialect, without checking that its numbers make sense ({@link validateSegment} does).
 * Field 4 tells the dialects apart: a number in the present one, bytes in that of LIP-243.
 * Fields may come in any order, unknown ones are skipped, numbers beyond 32 bits are clamped to 2³².
 *
 * @returns the segment, whose content is a view of `bytes`; `undefined` if it is not a protobuf message
 */
export function decodeSegment(bytes: Uint8Array): Segment | undefined {
  const fields = fieldsOf(bytes)
  if (fields === undefined) return undefined
  const { numbers } = fields
  // An empty payload leaves field 4 out in LIP-243, and only there: the present dialect always has a data count.
  const current = numbers[4] !== undefined || (fields.bytes[4] === undefined && fields.bytes[7] !== undefined)
  return current ? asCurrent(fields) : asLip243(fields)
}

function asCurrent({ numbers, bytes }: Fields): Segment {
  return {
    dialect: 'current',
    hash: bytes[1] ?? NOTHING,
    lengthBytes: numbers[2] ?? 0,
    index: numbers[3] ?? 0,
    dataCount: numbers[4] ?? 0,
    parityCount: numbers[5] ?? 0,
    isParity: (numbers[6] ?? 0) !== 0,
    content: bytes[7] ?? NOTHING,
  }
}

function asLip243({ numbers, bytes }: Fields): Segment {
  const isParity = (numbers[7] ?? 0) !== 0
  return {
    dialect: 'lip-243',
    hash: bytes[1] ?? NOTHING,
    lengthBytes: undefined,
    index: numbers[isParity ? 5 : 2] ?? 0,
    dataCount: numbers[3] ?? 0,
    parityCount: numbers[6] ?? 0,
    isParity,
    content: bytes[4] ?? NOTHING,
  }
}

function fieldsOf(message: Uint8Array): Fields | undefined {
  const numbers: (number | undefined)[] = []
  const bytes: (Uint8Array | undefined)[] = []
  const reader = new WireReader(message)
  const isWellFormed = readFields(reader, (tag) => {
    const field = tag >>> 3
    if (field > 7) return false
    if ((tag & 7) === WIRE.varint) numbers[field] = clamped(reader.uint64())
    else if ((tag & 7) === WIRE.bytes) bytes[field] = reader.view()
    else return false
    return true
  })
  return isWellFormed ? { numbers, bytes } : undefined
}

const clamped = (value: Uint64): number => (value > CLAMP ? CLAMP : Number(value))
