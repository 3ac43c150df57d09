import { decodeText, encodeText } from '@reliable-channels/wire'

/** A message, or a segment of one, as it is kept until the application has it. */
export interface KeptMessage {
  readonly senderId: string
  readonly messageId: string
  readonly payload: Uint8Array
  readonly late: boolean
  readonly own: boolean
  readonly ephemeral: boolean
}

const VERSION = 1
const LATE = 1
const OWN = 2
const EPHEMERAL = 4
/** An id is no well-formed text, as those of peers that send no UTF-8: both are written as JSON, which escapes that. */
const ESCAPED = 8
const HEAD_BYTES = 6

/** Encodes as: version, flags, lengths of both ids (2 bytes each), sender id, message id, payload. */
export function encodeKept({ senderId, messageId, payload, late, own, ephemeral }: KeptMessage): Uint8Array {
  const escaped = !senderId.isWellFormed() || !messageId.isWellFormed()
  const sender = encodeText(escaped ? JSON.stringify(senderId) : senderId)
  const id = encodeText(escaped ? JSON.stringify(messageId) : messageId)
  const record = new Uint8Array(HEAD_BYTES + sender.length + id.length + payload.length)
  const view = new DataView(record.buffer)
  record[0] = VERSION
  record[1] = (late ? LATE : 0) | (own ? OWN : 0) | (ephemeral ? EPHEMERAL : 0) | (escaped ? ESCAPED : 0)
  view.setUint16(2, sender.length)
  view.setUint16(4, id.length)
  record.set(sender, HEAD_BYTES)
  record.set(id, HEAD_BYTES + sender.length)
  record.set(payload, HEAD_BYTES + sender.length + id.length)
  return record
}

/** The message, or `undefined` when the bytes are not one. */
export function decodeKept(record: Uint8Array): KeptMessage | undefined {
  if (record.length < HEAD_BYTES || record[0] !== VERSION) return undefined
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  const idAt = HEAD_BYTES + view.getUint16(2)
  const payloadAt = idAt + view.getUint16(4)
  if (payloadAt > record.length) return undefined
  const flags = record[1]!
  const senderId = idFrom(record.subarray(HEAD_BYTES, idAt), flags)
  const messageId = idFrom(record.subarray(idAt, payloadAt), flags)
  if (senderId === undefined || messageId === undefined) return undefined
  return {
    senderId,
    messageId,
    // Not `slice`, which shares the memory of a Buffer.
    payload: new Uint8Array(record.subarray(payloadAt)),
    late: (flags & LATE) !== 0,
    own: (flags & OWN) !== 0,
    ephemeral: (flags & EPHEMERAL) !== 0,
  }
}

function idFrom(bytes: Uint8Array, flags: number): string | undefined {
  const text = decodeText(bytes)
  if ((flags & ESCAPED) === 0) return text
  try {
    const id: unknown = JSON.parse(text)
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
