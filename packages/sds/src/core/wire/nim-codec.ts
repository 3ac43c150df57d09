import { WireWriter } from '@reliable-channels/wire'
import { writeHistoryEntry } from './history-entry-codec.ts'
import type { SdsMessage } from './message.ts'
import { readMessageFields, tagsOf } from './message-fields.ts'
import { MalformedMessage } from './malformed-message.ts'

const FIELD = {
  messageId: 1,
  lamport: 2,
  causalHistory: 3,
  channelId: 4,
  content: 5,
  bloomFilter: 6,
  senderId: 7,
  repairRequest: 13,
} as const
const TAGS = tagsOf(FIELD)

const NO_BYTES = new Uint8Array(0)

/** Encodes a message in the `nim` dialect, byte for byte as the present line of nim-sds. */
export function encodeNim(message: SdsMessage): Uint8Array<ArrayBuffer> {
  const { bloomFilter = NO_BYTES, content = NO_BYTES, causalHistory, repairRequest } = message
  const writer = new WireWriter()
  writer.text(FIELD.messageId, message.messageId)
  writer.varint(FIELD.lamport, message.lamport ?? 0)
  for (const entry of causalHistory) writeHistoryEntry(writer, FIELD.causalHistory, entry)
  writer.text(FIELD.channelId, message.channelId)
  writer.bytes(FIELD.content, content)
  writer.bytes(FIELD.bloomFilter, bloomFilter)
  if (message.senderId !== '') writer.text(FIELD.senderId, message.senderId)
  for (const entry of repairRequest) writeHistoryEntry(writer, FIELD.repairRequest, entry)
  return writer.finish()
}

/**
 * Decodes a message in the `nim` dialect. Bytes in the result are views.
 *
 * @param maxEntries - history entries and repair requests accepted, each
 * @throws {@link MalformedMessage}
 */
export function decodeNim(bytes: Uint8Array, maxEntries: number): SdsMessage {
  const fields = readMessageFields(bytes, TAGS, maxEntries, undefined)
  if (fields.messageId === undefined || fields.channelId === undefined) {
    throw new MalformedMessage('message id or channel id is missing')
  }
  fields.lamport ??= 0
  if (fields.bloomFilter?.length === 0) fields.bloomFilter = undefined
  return fields as SdsMessage
}
