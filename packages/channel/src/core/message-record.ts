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
const HEAD_BYTES = 6

/** Encodes as: version, flags, lengths of both ids (2 bytes each), sender id, message id, payload. */
export function encodeKept({ senderId, messageId, payload, late, own, ephemeral }: KeptMessage): Uint8Array {
  const encoder = new TextEncoder()
  const sender = encoder.encode(senderId)
  const id = encoder.encode(messageId)
  const record = new Uint8Array(HEAD_BYTES + sender.length + id.length + payload.length)
  const view = new DataView(record.buffer)
  record[0] = VERSION
  record[1] = (late ? LATE : 0) | (own ? OWN : 0) | (ephemeral ? EPHEMERAL : 0)
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
  const decoder = new TextDecoder()
  return {
    senderId: decoder.decode(record.subarray(HEAD_BYTES, idAt)),
    messageId: decoder.decode(record.subarray(idAt, payloadAt)),
    payload: record.slice(payloadAt),
    late: (flags & LATE) !== 0,
    own: (flags & OWN) !== 0,
    ephemeral: (flags & EPHEMERAL) !== 0,
  }
}
