import {
  WIRE,
  WireReader,
  WireWriter,
  decodeText,
  encodeText,
  hashBytesOf,
  hexOf,
  readFields,
} from '@reliable-channels/wire'
import { RecordWriter, readRecord } from './record.ts'

/** The record of an open request: enough to end it after a restart. */
export interface StoredRequest {
  readonly requestId: string
  /** Of the message as a whole; of one segment its own. */
  readonly messageId: string
  readonly messageIds: readonly string[]
  readonly dataCount: number
  readonly ephemeral: boolean
  /** That delivery failed was told; it may still be delivered. */
  readonly told?: boolean
}

const VERSION = 1
const EPHEMERAL = 1
const TOLD = 2
/** The message has an id beside those of its segments, and it comes first. */
const NAMED = 4

/** Encodes as: version, flags, data count, then the ids, each ended by a line feed. */
export function encodeRequest(request: StoredRequest): Uint8Array {
  const { messageId, messageIds, dataCount, ephemeral, told = false } = request
  const isNamed = messageId !== messageIds[0]
  const ids = isNamed ? [messageId, ...messageIds] : messageIds
  return new RecordWriter()
    .byte(VERSION)
    .byte((ephemeral ? EPHEMERAL : 0) | (told ? TOLD : 0) | (isNamed ? NAMED : 0))
    .uint16(dataCount)
    .raw(encodeText(ids.join('\n')))
    .finish()
}

/** The request, or `undefined` when the bytes are not one. */
export function decodeRequest(requestId: string, record: Uint8Array): StoredRequest | undefined {
  return readRecord(record, (reader) => {
    if (reader.byte() !== VERSION) return undefined
    const flags = reader.byte()
    const dataCount = reader.uint16()
    const ids = reader.rest()
    const text = decodeText(ids)
    const names = text.split('\n')
    const messageId = names[0]!
    const messageIds = (flags & NAMED) === 0 ? names : names.slice(1)
    // Ids of its own are in keys of the store, which takes no other text.
    if (ids.length === 0 || !text.isWellFormed()) return undefined
    if (dataCount < 1 || dataCount > messageIds.length) return undefined
    const ephemeral = (flags & EPHEMERAL) !== 0
    const told = (flags & TOLD) !== 0 && { told: true }
    return { requestId, messageId, messageIds, dataCount, ephemeral, ...told }
  })
}

/** The record of a segment: its dispatch outcome, who acknowledged it, and whether SDS gave it up. */
export interface StoredSegment {
  readonly outcome: 'confirmed' | 'failed' | undefined
  /** It failed, and a peer may have it without its being known. */
  readonly uncertain: boolean
  readonly acknowledgedBy: readonly string[]
  readonly abandoned: boolean
}

const OUTCOMES = [undefined, 'confirmed', 'failed'] as const
const OUTCOME_BITS = 3
const UNCERTAIN = 4
const ABANDONED = 0x20

/** Encodes as one byte, the outcome in the low bits, then flags; then each who acknowledged it as field 1. */
export function encodeRequestSegment(segment: StoredSegment): Uint8Array {
  const writer = new WireWriter().byte(segmentByteOf(segment))
  for (const name of segment.acknowledgedBy) writer.text(NAME, name)
  return writer.finish()
}

const segmentByteOf = ({ outcome, uncertain, abandoned }: StoredSegment): number =>
  OUTCOMES.indexOf(outcome) | (uncertain ? UNCERTAIN : 0) | (abandoned ? ABANDONED : 0)

const isSegmentByte = (bits: number): boolean =>
  (bits & ~(OUTCOME_BITS | UNCERTAIN | ABANDONED)) === 0 && (bits & OUTCOME_BITS) !== OUTCOME_BITS

const segmentOf = (bits: number, acknowledgedBy: readonly string[]): StoredSegment => ({
  outcome: OUTCOMES[bits & OUTCOME_BITS],
  uncertain: (bits & UNCERTAIN) !== 0,
  acknowledgedBy,
  abandoned: (bits & ABANDONED) !== 0,
})

const NAME = 1
const NAME_TAG = NAME * 8 + WIRE.bytes

/** The segment, or `undefined` when the bytes are not one. */
export function decodeRequestSegment(record: Uint8Array): StoredSegment | undefined {
  const [bits = OUTCOME_BITS] = record
  if (!isSegmentByte(bits)) return undefined
  const acknowledgedBy: string[] = []
  const reader = new WireReader(record, 1)
  const isWellFormed = readFields(reader, (tag) => {
    if (tag !== NAME_TAG) return false
    acknowledgedBy.push(reader.text())
    return true
  })
  return isWellFormed ? segmentOf(bits, acknowledgedBy) : undefined
}

/** A request of one segment, which one record has all of. */
export interface StoredWhole extends StoredRequest {
  readonly segment: StoredSegment
}

/** Fields of such a record, after its version and the byte of the segment; flags are those of a request. */
const FLAGS = 2
const HASH_ID = 3
const TEXT_ID = 4

/** Encodes as: version, the segment's byte, then who acknowledged it, flags, and the message's id as fields. */
export function encodeOneRecord({ messageId, ephemeral, told = false, segment }: StoredWhole): Uint8Array {
  const writer = new WireWriter().byte(VERSION).byte(segmentByteOf(segment))
  for (const name of segment.acknowledgedBy) writer.text(NAME, name)
  const flags = (ephemeral ? EPHEMERAL : 0) | (told ? TOLD : 0)
  if (flags !== 0) writer.varint(FLAGS, flags)
  const hash = hashBytesOf(messageId)
  return (hash === undefined ? writer.text(TEXT_ID, messageId) : writer.bytes(HASH_ID, hash)).finish()
}

/** The request, or `undefined` when the bytes are not one. */
export function decodeOneRecord(requestId: string, record: Uint8Array): StoredWhole | undefined {
  const [version, bits = OUTCOME_BITS] = record
  if (version !== VERSION || !isSegmentByte(bits)) return undefined
  const acknowledgedBy: string[] = []
  let flags = 0
  let messageId = ''
  const reader = new WireReader(record, 2)
  const isWellFormed = readFields(reader, (tag) => {
    if (tag === NAME_TAG) acknowledgedBy.push(reader.text())
    else if (tag === FLAGS * 8) flags = reader.uint32()
    else if (tag === HASH_ID * 8 + WIRE.bytes) messageId = hexOf(reader.view())
    else if (tag === TEXT_ID * 8 + WIRE.bytes) messageId = reader.text()
    else return false
    return true
  })
  if (!isWellFormed || messageId === '' || !messageId.isWellFormed()) return undefined
  const segment = segmentOf(bits, acknowledgedBy)
  const told = (flags & TOLD) !== 0 && { told: true }
  const ephemeral = (flags & EPHEMERAL) !== 0
  return { requestId, messageId, messageIds: [messageId], dataCount: 1, ephemeral, ...told, segment }
}

const REQUEST = 'request/'
const SEGMENT = 'segment/'
const WHOLE = 'r'

/** Under which key a request is kept. */
export const requestKey = (requestId: string): string => REQUEST + requestId
/** Under which key a segment is kept. */
export const segmentKey = (messageId: string): string => SEGMENT + messageId

/** Under which key a request is kept that is one record. */
export const oneRecordKey = (requestId: string): string => WHOLE + requestId

/** The thing that a key names. */
export function readKey(
  key: string,
): { readonly kind: 'request' | 'segment' | 'whole'; readonly id: string } | undefined {
  if (key.startsWith(REQUEST)) return { kind: 'request', id: key.slice(REQUEST.length) }
  if (key.startsWith(SEGMENT)) return { kind: 'segment', id: key.slice(SEGMENT.length) }
  if (key.startsWith(WHOLE)) return { kind: 'whole', id: key.slice(WHOLE.length) }
  return undefined
}
