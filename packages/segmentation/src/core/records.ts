import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { concat } from './assemble.ts'
import type { CompletedMessage } from './completed-messages.ts'
import { HASH_BYTES, MAX_SEGMENTS } from './dialect.ts'
import { decodeSegment } from './decode-segment.ts'
import { type Segment, fromHex, toHex } from './segment.ts'
import type { Sender } from './segment-set.ts'
import { validateSegment } from './validate-segment.ts'

/** First byte of every stored value. */
const VERSION = 1

/** A segment as it was stored. */
export interface RestoredSegment {
  readonly sender: Sender
  readonly receivedAt: number
  readonly segment: Segment
  readonly recordKey: string
}

/** A sender that is no well-formed text, as JSON, which writes lone surrogates as escapes. */
const ESCAPED_SENDER = 15

/** Field 1, or {@link ESCAPED_SENDER}: ids of peers that send no UTF-8 hold lone surrogates. */
function writeSender(writer: BinaryWriter, sender: Sender): void {
  if (sender === undefined) return
  if (sender.isWellFormed()) writer.tag(1, WireType.LengthDelimited).string(sender)
  else writer.tag(ESCAPED_SENDER, WireType.LengthDelimited).string(JSON.stringify(sender))
}

/** Writes a stored segment: 1 sender, 2 time of arrival, 3 the segment as it came. */
export function encodeSegmentRecord(record: {
  sender: Sender
  receivedAt: number
  payload: Uint8Array
}): Uint8Array {
  const head = new BinaryWriter().raw(Uint8Array.of(VERSION))
  writeSender(head, record.sender)
  head.tag(2, WireType.Varint).uint64(Math.max(0, Math.floor(record.receivedAt)))
  head.tag(3, WireType.LengthDelimited).uint32(record.payload.length)
  return concat([head.finish(), record.payload])
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeSegmentRecord(value: Uint8Array, recordKey: string): RestoredSegment | undefined {
  let sender: Sender
  let receivedAt = 0
  let segment: Segment | undefined
  const read = readRecord(value, (field, reader) => {
    if (field === 1) sender = reader.string()
    else if (field === ESCAPED_SENDER) sender = String(JSON.parse(reader.string()))
    else if (field === 2) receivedAt = Number(reader.uint64())
    else if (field === 3) segment = decodeSegment(reader.bytes())
    else return false
    return true
  })
  if (!read || segment === undefined || validateSegment(segment, Infinity) !== undefined) return undefined
  return { sender, receivedAt, segment, recordKey }
}

/** Writes a stored complete message: 1 sender, 2 hash, 3 data count, 4 parity count, 5 segments seen. */
export function encodeCompletedRecord(message: CompletedMessage): Uint8Array {
  const writer = new BinaryWriter().raw(Uint8Array.of(VERSION))
  writeSender(writer, message.sender)
  writer.tag(2, WireType.LengthDelimited).bytes(fromHex(message.payloadHash))
  writer.tag(3, WireType.Varint).uint32(message.dataCount)
  writer.tag(4, WireType.Varint).uint32(message.parityCount)
  writer.tag(5, WireType.LengthDelimited).bytes(message.seen)
  return writer.finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeCompletedRecord(value: Uint8Array, recordKey: string): CompletedMessage | undefined {
  let sender: Sender
  let hash = new Uint8Array(0)
  let dataCount = 0
  let parityCount = 0
  let seen = new Uint8Array(0)
  const read = readRecord(value, (field, reader) => {
    if (field === 1) sender = reader.string()
    else if (field === ESCAPED_SENDER) sender = String(JSON.parse(reader.string()))
    else if (field === 2) hash = reader.bytes().slice()
    else if (field === 3) dataCount = reader.uint32()
    else if (field === 4) parityCount = reader.uint32()
    else if (field === 5) seen = reader.bytes().slice()
    else return false
    return true
  })
  const total = dataCount + parityCount
  if (!read || hash.length !== HASH_BYTES || dataCount < 1 || total > MAX_SEGMENTS) return undefined
  if (seen.length !== Math.ceil(total / 8)) return undefined
  return { sender, payloadHash: toHex(hash), dataCount, parityCount, seen, recordKey }
}

function readRecord(value: Uint8Array, read: (field: number, reader: BinaryReader) => boolean): boolean {
  if (value[0] !== VERSION) return false
  try {
    const reader = new BinaryReader(value.subarray(1))
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag()
      if (!read(field, reader)) reader.skip(wireType, field)
    }
    return true
  } catch {
    return false
  }
}
