import { decodeText, encodeText } from '@reliable-channels/wire'

/** What is kept of an open request: enough to end it after a restart. */
export interface StoredRequest {
  readonly requestId: string
  readonly messageIds: readonly string[]
  readonly dataCount: number
  readonly ephemeral: boolean
}

const VERSION = 1

/** Encodes as: version, flags (1 = ephemeral), data count, then the ids, each ended by a line feed. */
export function encodeRequest({ messageIds, dataCount, ephemeral }: StoredRequest): Uint8Array {
  const text = encodeText(messageIds.join('\n'))
  const record = new Uint8Array(4 + text.length)
  record[0] = VERSION
  record[1] = ephemeral ? 1 : 0
  new DataView(record.buffer).setUint16(2, dataCount)
  record.set(text, 4)
  return record
}

/** The request, or `undefined` when the bytes are not one. */
export function decodeRequest(requestId: string, record: Uint8Array): StoredRequest | undefined {
  if (record.length < 5 || record[0] !== VERSION) return undefined
  const dataCount = new DataView(record.buffer, record.byteOffset, record.byteLength).getUint16(2)
  const messageIds = decodeText(record.subarray(4)).split('\n')
  if (dataCount < 1 || dataCount > messageIds.length) return undefined
  return { requestId, messageIds, dataCount, ephemeral: record[1] === 1 }
}

/** What is kept of a segment: its dispatch outcome, and whether somebody acknowledged it or SDS gave it up. */
export interface StoredSegment {
  readonly outcome: 'confirmed' | 'failed' | undefined
  readonly acknowledged: boolean
  /** Who acknowledged it first. */
  readonly acknowledgedBy?: string | undefined
  readonly abandoned: boolean
}

const OUTCOMES = [undefined, 'confirmed', 'failed'] as const
const OUTCOME_BITS = 3
const ACKNOWLEDGED = 0x10
const ABANDONED = 0x20

/** Encodes as one byte, the outcome in the low bits, then a flag each; then who acknowledged it first. */
export function encodeSegmentRecord(segment: StoredSegment): Uint8Array {
  const { outcome, acknowledged, acknowledgedBy = '', abandoned } = segment
  const name = acknowledged ? encodeText(acknowledgedBy) : new Uint8Array()
  const record = new Uint8Array(1 + name.length)
  record[0] = OUTCOMES.indexOf(outcome) | (acknowledged ? ACKNOWLEDGED : 0) | (abandoned ? ABANDONED : 0)
  record.set(name, 1)
  return record
}

/** The segment, or `undefined` when the bytes are not one. */
export function decodeSegmentRecord(record: Uint8Array): StoredSegment | undefined {
  const [bits = OUTCOME_BITS] = record
  const known = OUTCOME_BITS | ACKNOWLEDGED | ABANDONED
  const acknowledged = (bits & ACKNOWLEDGED) !== 0
  if ((bits & ~known) !== 0 || (bits & OUTCOME_BITS) === OUTCOME_BITS) return undefined
  if (record.length > 1 && !acknowledged) return undefined
  return {
    outcome: OUTCOMES[bits & OUTCOME_BITS],
    acknowledged,
    acknowledgedBy: record.length > 1 ? decodeText(record.subarray(1)) : undefined,
    abandoned: (bits & ABANDONED) !== 0,
  }
}

const REQUEST = 'request/'
const SEGMENT = 'segment/'

/** Under which key a request is kept. */
export const requestKey = (requestId: string): string => REQUEST + requestId
/** Under which key a segment is kept. */
export const segmentKey = (messageId: string): string => SEGMENT + messageId

/** What a key names. */
export function readKey(
  key: string,
): { readonly kind: 'request' | 'segment'; readonly id: string } | undefined {
  if (key.startsWith(REQUEST)) return { kind: 'request', id: key.slice(REQUEST.length) }
  if (key.startsWith(SEGMENT)) return { kind: 'segment', id: key.slice(SEGMENT.length) }
  return undefined
}
