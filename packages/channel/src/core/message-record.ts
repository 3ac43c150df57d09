import { decodeText, encodeText, hashBytesOf, hexOf } from '@reliable-channels/wire'
import { RecordWriter, readRecord } from './record.ts'

/** A message, or a segment of one, as it is kept until the application has it. */
export interface KeptMessage {
  readonly senderId: string
  readonly messageId: string
  /** Of several segments: by which all members know it. The other id is that of the segment that completed it. */
  readonly name?: string
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
/** It has a name, which comes before the payload. */
const NAMED = 16
/** A hash in hex. */
const NAME_BYTES = 64
/** The message id is a hash, as its bytes. */
const HASHED = 32

/** Encodes as: version, flags, lengths of both ids (2 bytes each), sender id, message id, any name, payload. */
export function encodeKept(message: KeptMessage): Uint8Array {
  const { senderId, messageId, name = '', payload, late, own, ephemeral } = message
  const escaped = !senderId.isWellFormed() || !messageId.isWellFormed()
  const sender = encodeText(escaped ? JSON.stringify(senderId) : senderId)
  const hash = hashBytesOf(messageId)
  const id = hash ?? encodeText(escaped ? JSON.stringify(messageId) : messageId)
  return new RecordWriter()
    .byte(VERSION)
    .byte(
      (late ? LATE : 0) |
        (own ? OWN : 0) |
        (ephemeral ? EPHEMERAL : 0) |
        (escaped ? ESCAPED : 0) |
        (hash === undefined ? 0 : HASHED) |
        (name === '' ? 0 : NAMED),
    )
    .uint16(sender.length)
    .uint16(id.length)
    .raw(sender)
    .raw(id)
    .raw(encodeText(name))
    .raw(payload)
    .finish()
}

/** The message, or `undefined` when the bytes are not one. */
export function decodeKept(record: Uint8Array): KeptMessage | undefined {
  return readRecord(record, (reader) => {
    if (reader.byte() !== VERSION) return undefined
    const flags = reader.byte()
    const senderBytes = reader.uint16()
    const idBytes = reader.uint16()
    const senderId = idFrom(reader.view(senderBytes), flags)
    const idView = reader.view(idBytes)
    const messageId = (flags & HASHED) === 0 ? idFrom(idView, flags) : hexOf(idView)
    if (senderId === undefined || messageId === undefined) return undefined
    const name = (flags & NAMED) !== 0 && { name: decodeText(reader.view(NAME_BYTES)) }
    return {
      senderId,
      messageId,
      ...name,
      // Not `slice`, which shares the memory of a Buffer.
      payload: new Uint8Array(reader.rest()),
      late: (flags & LATE) !== 0,
      own: (flags & OWN) !== 0,
      ephemeral: (flags & EPHEMERAL) !== 0,
    }
  })
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
