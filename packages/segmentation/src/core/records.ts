import { MalformedBytes, WireReader, WireWriter, hexOf, parseHex, readFields } from '@reliable-channels/wire'
import type { CompletedMessage } from './completed-messages.ts'
import { HASH_BYTES, MAX_SEGMENTS } from './dialect.ts'
import { decodeSegment } from './decode-segment.ts'
import type { Segment } from './segment.ts'
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

/** Tags of the fields: number × 8 + wire type. */
const SENDER = 10
const ESCAPED = ESCAPED_SENDER * 8 + 2
const RECEIVED_AT = 16
const SEGMENT = 26
const HASH = 18
const DATA_COUNT = 24
const PARITY_COUNT = 32
const SEEN = 42

/** Field 1, or {@link ESCAPED_SENDER}: ids of peers that send no UTF-8 hold lone surrogates. */
function writeSender(writer: WireWriter, sender: Sender): void {
  if (sender === undefined) return
  if (sender.isWellFormed()) writer.text(1, sender)
  else writer.text(ESCAPED_SENDER, JSON.stringify(sender))
}

/** Writes a stored segment: 1 sender, 2 time of arrival, 3 the segment as it came. */
export function encodeSegmentRecord(record: {
  sender: Sender
  receivedAt: number
  payload: Uint8Array
}): Uint8Array {
  const writer = new WireWriter().byte(VERSION)
  writeSender(writer, record.sender)
  return writer
    .varint(2, Math.max(0, Math.floor(record.receivedAt)))
    .bytes(3, record.payload)
    .finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeSegmentRecord(value: Uint8Array, recordKey: string): RestoredSegment | undefined {
  let sender: Sender
  let receivedAt = 0
  let segment: Segment | undefined
  const read = readRecord(value, (tag, reader) => {
    if (tag === SENDER) sender = reader.text()
    else if (tag === ESCAPED) sender = unescaped(reader.text())
    else if (tag === RECEIVED_AT) receivedAt = Number(reader.uint64())
    else if (tag === SEGMENT) segment = decodeSegment(reader.view())
    else return false
    return true
  })
  if (!read || segment === undefined || validateSegment(segment, Infinity) !== undefined) return undefined
  return { sender, receivedAt, segment, recordKey }
}

/** Writes a stored complete message: 1 sender, 2 hash, 3 data count, 4 parity count, 5 segments seen. */
export function encodeCompletedRecord(message: CompletedMessage): Uint8Array {
  const writer = new WireWriter().byte(VERSION)
  writeSender(writer, message.sender)
  return writer
    .bytes(2, parseHex(message.payloadHash)!)
    .varint(3, message.dataCount)
    .varint(4, message.parityCount)
    .bytes(5, message.seen)
    .finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeCompletedRecord(value: Uint8Array, recordKey: string): CompletedMessage | undefined {
  let sender: Sender
  let hash = new Uint8Array(0)
  let dataCount = 0
  let parityCount = 0
  let seen = new Uint8Array(0)
  const read = readRecord(value, (tag, reader) => {
    if (tag === SENDER) sender = reader.text()
    else if (tag === ESCAPED) sender = unescaped(reader.text())
    else if (tag === HASH) hash = reader.bytes()
    else if (tag === DATA_COUNT) dataCount = reader.uint32()
    else if (tag === PARITY_COUNT) parityCount = reader.uint32()
    else if (tag === SEEN) seen = reader.bytes()
    else return false
    return true
  })
  const total = dataCount + parityCount
  if (!read || hash.length !== HASH_BYTES || dataCount < 1 || total > MAX_SEGMENTS) return undefined
  if (seen.length !== Math.ceil(total / 8)) return undefined
  return { sender, payloadHash: hexOf(hash), dataCount, parityCount, seen, recordKey }
}

function readRecord(value: Uint8Array, read: (tag: number, reader: WireReader) => boolean): boolean {
  if (value[0] !== VERSION) return false
  const reader = new WireReader(value, 1)
  return readFields(reader, (tag) => read(tag, reader))
}

/** @throws MalformedBytes unless the text is a sender as {@link writeSender} escapes it */
function unescaped(json: string): string {
  try {
    return String(JSON.parse(json))
  } catch (cause) {
    throw new MalformedBytes('the sender is no JSON', { cause })
  }
}
