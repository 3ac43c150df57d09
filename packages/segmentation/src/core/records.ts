import {
  MalformedBytes,
  type Uint64,
  WireReader,
  WireWriter,
  hexOf,
  parseHex,
  readFields,
} from '@reliable-channels/wire'
import { type CompletedMessage, countSeen } from './completed-messages.ts'
import { HASH_BYTES, MAX_SEGMENTS } from './dialect.ts'
import { decodeSegment } from './decode-segment.ts'
import type { Segment } from './segment.ts'
import type { CompletedHorizon } from './completed-horizons.ts'
import type { SenderIdentity, Shape } from './segment-set.ts'
import { NOWHERE, type Span, widened } from './span.ts'
import { validateSegment } from './validate-segment.ts'

/** First byte of every stored value. */
const VERSION = 1

/** A segment as it was stored. */
export interface RestoredSegment {
  readonly sender: SenderIdentity
  readonly messageId: string | undefined
  readonly receivedAt: number
  readonly segment: Segment
  readonly lamport: Uint64 | undefined
  /** The history gave it back; see `SegmentSet.isRecalled`. */
  readonly isRecalled: boolean
  readonly recordKey: string
}

/** A sender that is no well-formed text, as JSON, which writes lone surrogates as escapes. */
const ESCAPED_SENDER = 15

/** A complete message as it was stored. */
export type RestoredMessage = CompletedMessage & { readonly recordKey: string }

/** Tags of the fields: number × 8 + wire type. */
const SENDER = 10
const ESCAPED = ESCAPED_SENDER * 8 + 2
const RECEIVED_AT = 16
const SEGMENT = 26
const HASH = 18
const DATA_COUNT = 24
const PARITY_COUNT = 32
const SEEN = 42
const MESSAGE_ID = 34
const ESCAPED_MESSAGE_ID_FIELD = 14
const ESCAPED_MESSAGE_ID = ESCAPED_MESSAGE_ID_FIELD * 8 + 2
/** Where it stands among what its sender has sent: all of it, or the first and the last of several. */
const LAMPORT_FIELD = 9
const LAMPORT = LAMPORT_FIELD * 8
const FIRST_FIELD = 10
const FIRST = FIRST_FIELD * 8
const EPHEMERAL_FIELD = 11
const EPHEMERAL = EPHEMERAL_FIELD * 8
const RECALLED_FIELD = 12
const RECALLED = RECALLED_FIELD * 8

/** Field 1, or {@link ESCAPED_SENDER}: ids of peers that send no UTF-8 hold lone surrogates. */
function writeSender(writer: WireWriter, sender: SenderIdentity): void {
  if (sender === undefined) return
  if (sender.isWellFormed()) writer.text(1, sender)
  else writer.text(ESCAPED_SENDER, JSON.stringify(sender))
}

/** Field 4, or {@link ESCAPED_MESSAGE_ID_FIELD}, likewise. */
function writeMessageId(writer: WireWriter, messageId: string | undefined): void {
  if (messageId === undefined) return
  if (messageId.isWellFormed()) writer.text(4, messageId)
  else writer.text(ESCAPED_MESSAGE_ID_FIELD, JSON.stringify(messageId))
}

/**
 * Writes a stored segment: 1 sender, 2 time of arrival, 3 the segment as it came, 4 message id, 9 where it stands, 12 whether
 * it is of a set that is here again.
 */
export function encodeSegmentRecord(record: {
  sender: SenderIdentity
  receivedAt: number
  payload: Uint8Array
  messageId: string | undefined
  lamport: Uint64 | undefined
  isRecalled?: boolean
}): Uint8Array {
  const writer = new WireWriter().byte(VERSION)
  writeSender(writer, record.sender)
  writer.varint(2, Math.max(0, Math.floor(record.receivedAt))).bytes(3, record.payload)
  writeMessageId(writer, record.messageId)
  writeLamport(writer, LAMPORT_FIELD, record.lamport)
  if (record.isRecalled === true) writer.varint(RECALLED_FIELD, 1)
  return writer.finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeSegmentRecord(value: Uint8Array, recordKey: string): RestoredSegment | undefined {
  let sender: SenderIdentity
  let receivedAt = 0
  let segment: Segment | undefined
  let messageId: string | undefined
  let lamport: Uint64 | undefined
  let isRecalled = false
  const read = readRecord(value, (tag, reader) => {
    if (tag === SENDER) sender = reader.text()
    else if (tag === ESCAPED) sender = unescaped(reader.text())
    else if (tag === RECALLED) isRecalled = reader.uint32() === 1
    else if (tag === RECEIVED_AT) receivedAt = Number(reader.uint64())
    else if (tag === SEGMENT) segment = decodeSegment(reader.view())
    else if (tag === LAMPORT) lamport = reader.uint64()
    else if (tag === MESSAGE_ID) messageId = reader.text()
    else if (tag === ESCAPED_MESSAGE_ID) messageId = unescaped(reader.text())
    else return false
    return true
  })
  if (!read || segment === undefined || validateSegment(segment, Infinity) !== undefined) return undefined
  return { sender, messageId, receivedAt, segment, lamport, isRecalled, recordKey }
}

/**
 * Writes a stored complete message: 1 sender, 2 hash, 3 data count, 4 parity count, 5 segments seen, 9 and 10 where the last
 * and the first stand, 11 whether it was ephemeral.
 */
export function encodeCompletedRecord(message: CompletedMessage): Uint8Array {
  const writer = new WireWriter().byte(VERSION)
  const { sender, span, ephemeral } = message
  writeSender(writer, sender)
  writer
    .bytes(2, parseHex(message.payloadHash)!)
    .varint(3, message.dataCount)
    .varint(4, message.parityCount)
    .bytes(5, message.seen)
  writeLamport(writer, LAMPORT_FIELD, span.last)
  writeLamport(writer, FIRST_FIELD, span.first)
  if (ephemeral) writer.varint(EPHEMERAL_FIELD, 1)
  return writer.finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeCompletedRecord(value: Uint8Array, recordKey: string): RestoredMessage | undefined {
  let sender: SenderIdentity
  let hash = new Uint8Array(0)
  let dataCount = 0
  let parityCount = 0
  let seen = new Uint8Array(0)
  let span: Span = NOWHERE
  let ephemeral = false
  const read = readRecord(value, (tag, reader) => {
    if (tag === SENDER) sender = reader.text()
    else if (tag === ESCAPED) sender = unescaped(reader.text())
    else if (tag === HASH) hash = reader.bytes()
    else if (tag === DATA_COUNT) dataCount = reader.uint32()
    else if (tag === PARITY_COUNT) parityCount = reader.uint32()
    else if (tag === SEEN) seen = reader.bytes()
    else if (tag === LAMPORT || tag === FIRST) span = widened(span, reader.uint64())
    else if (tag === EPHEMERAL) ephemeral = reader.uint32() === 1
    else return false
    return true
  })
  const total = dataCount + parityCount
  if (!read || hash.length !== HASH_BYTES || dataCount < 1 || total > MAX_SEGMENTS) return undefined
  if (seen.length !== Math.ceil(total / 8)) return undefined
  // Fewer make no message whole, and what does not exist has not come.
  const count = countSeen(seen)
  if (count < dataCount || count > total || seen.at(-1)! >> (((total - 1) & 7) + 1) !== 0) return undefined
  return { sender, payloadHash: hexOf(hash), dataCount, parityCount, seen, span, ephemeral, recordKey }
}

/** A segment on the shelf as it was stored. */
export interface RestoredShelved {
  readonly sender: SenderIdentity
  readonly messageId: string
  readonly shape: Shape
  readonly shapeKey: string
  readonly place: number
  readonly lamport: Uint64 | undefined
  readonly recordKey: string
}

/** Tags of a segment on the shelf that others do not have. */
const DIALECT = 40
const LENGTH = 48
const PLACE = 56
const SHAPE_KEY = 66
const SHELVED_PARITY = 104

/**
 * Writes a segment on the shelf: 1 sender, 2 hash, 3 data count, 4 message id, 5 dialect (1 for `lip-243`), 6 length,
 * 7 place, 8 key of its shape, 9 where it stands, 13 parity count.
 */
export function encodeShelvedRecord({
  sender,
  messageId,
  shape,
  shapeKey,
  place,
  lamport,
}: Omit<RestoredShelved, 'recordKey'>): Uint8Array {
  const writer = new WireWriter().byte(VERSION)
  writeSender(writer, sender)
  writer.bytes(2, shape.hash).varint(3, shape.dataCount)
  writeMessageId(writer, messageId)
  writer.varint(5, shape.dialect === 'lip-243' ? 1 : 0)
  if (shape.lengthBytes !== undefined) writer.varint(6, shape.lengthBytes)
  writer.varint(7, place).text(8, shapeKey)
  writeLamport(writer, LAMPORT_FIELD, lamport)
  return writer.varint(13, shape.parityCount).finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeShelvedRecord(value: Uint8Array, recordKey: string): RestoredShelved | undefined {
  let sender: SenderIdentity
  let hash = new Uint8Array(0)
  let messageId: string | undefined
  let lengthBytes: number | undefined
  let lamport: Uint64 | undefined
  let shapeKey = ''
  const numbers = new Map<number, number>()
  const read = readRecord(value, (tag, reader) => {
    if (tag === SENDER) sender = reader.text()
    else if (tag === ESCAPED) sender = unescaped(reader.text())
    else if (tag === HASH) hash = reader.bytes()
    else if (tag === MESSAGE_ID) messageId = reader.text()
    else if (tag === ESCAPED_MESSAGE_ID) messageId = unescaped(reader.text())
    else if (tag === LENGTH) lengthBytes = reader.uint32()
    else if (tag === LAMPORT) lamport = reader.uint64()
    else if (tag === SHAPE_KEY) shapeKey = reader.text()
    else if (tag === DATA_COUNT || tag === DIALECT || tag === PLACE || tag === SHELVED_PARITY)
      numbers.set(tag, reader.uint32())
    else return false
    return true
  })
  const dataCount = numbers.get(DATA_COUNT) ?? 0
  const parityCount = numbers.get(SHELVED_PARITY) ?? 0
  const place = numbers.get(PLACE) ?? 0
  if (!read || messageId === undefined || hash.length !== HASH_BYTES || dataCount < 1) return undefined
  if (dataCount + parityCount > MAX_SEGMENTS || place >= dataCount + parityCount) return undefined
  const dialect = numbers.get(DIALECT) === 1 ? 'lip-243' : 'current'
  const shape = { dialect, hash, lengthBytes, dataCount, parityCount } as const
  return { sender, messageId, shape, shapeKey, place, lamport, recordKey }
}

/** Writes where memory ends: 1 sender, unless it is that of all others, 9 where, 11 whether of ephemeral messages. */
export function encodeHorizonRecord({ sender, below, ephemeral }: CompletedHorizon): Uint8Array {
  const writer = new WireWriter().byte(VERSION)
  writeSender(writer, sender)
  writeLamport(writer, LAMPORT_FIELD, below)
  if (ephemeral) writer.varint(EPHEMERAL_FIELD, 1)
  return writer.finish()
}

/** @returns `undefined` for a value that is damaged or of another version */
export function decodeHorizonRecord(value: Uint8Array, recordKey: string): CompletedHorizon | undefined {
  let sender: SenderIdentity
  let below: Uint64 | undefined
  let ephemeral = false
  const read = readRecord(value, (tag, reader) => {
    if (tag === SENDER) sender = reader.text()
    else if (tag === ESCAPED) sender = unescaped(reader.text())
    else if (tag === LAMPORT) below = reader.uint64()
    else if (tag === EPHEMERAL) ephemeral = reader.uint32() === 1
    else return false
    return true
  })
  return read && below !== undefined ? { sender, ephemeral, below, recordKey } : undefined
}

function writeLamport(writer: WireWriter, field: number, lamport: Uint64 | undefined): void {
  if (lamport !== undefined) writer.varint(field, lamport)
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
