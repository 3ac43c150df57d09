import { WIRE, WireReader, WireWriter, readFields } from '@reliable-channels/wire'

/** Who has an own message. */
export interface Receipt {
  readonly requestId: string
  /** The message as a whole; see `idOfMessage`. */
  readonly messageId: string
  readonly segmentIds: readonly string[]
  /** So many of them make it whole. */
  readonly dataCount: number
  /** When it was sent, ms. */
  readonly sentAt: number
  /** Members that have all of it. */
  readonly members: readonly string[]
}

const MESSAGE = 1
const SEGMENT = 2
const DATA_COUNT = 3
const SENT_AT = 4
const MEMBER = 5

/** Encodes all but the request's id, which is the key. Of one segment, that is the message. */
export function encodeReceipts({ messageId, segmentIds, dataCount, sentAt, members }: Receipt): Uint8Array {
  const writer = new WireWriter().text(MESSAGE, messageId)
  if (segmentIds[0] !== messageId) for (const id of segmentIds) writer.text(SEGMENT, id)
  writer.varint(DATA_COUNT, dataCount).varint(SENT_AT, Math.max(0, Math.round(sentAt)))
  for (const member of members) writer.text(MEMBER, member)
  return writer.finish()
}

/** The receipts, or `undefined` when the bytes are none. */
export function decodeReceipts(requestId: string, record: Uint8Array): Receipt | undefined {
  let messageId = ''
  let dataCount = 0
  let sentAt = 0
  const segmentIds: string[] = []
  const members: string[] = []
  const reader = new WireReader(record)
  const isWellFormed = readFields(reader, (tag) => {
    if (tag === MESSAGE * 8 + WIRE.bytes) messageId = reader.text()
    else if (tag === SEGMENT * 8 + WIRE.bytes) segmentIds.push(reader.text())
    else if (tag === MEMBER * 8 + WIRE.bytes) members.push(reader.text())
    else if (tag === DATA_COUNT * 8 + WIRE.varint) dataCount = Number(reader.uint64())
    else if (tag === SENT_AT * 8 + WIRE.varint) sentAt = Number(reader.uint64())
    else return false
    return true
  })
  if (segmentIds.length === 0) segmentIds.push(messageId)
  if (!isWellFormed || messageId === '' || dataCount < 1 || dataCount > segmentIds.length) return undefined
  return { requestId, messageId, segmentIds, dataCount, sentAt, members }
}
