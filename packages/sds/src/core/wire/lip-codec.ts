import { WireWriter } from '@reliable-channels/wire'
import { writeHistoryEntry } from './history-entry-codec.ts'
import type { SdsMessage } from './message.ts'
import { readMessageFields, tagsOf } from './message-fields.ts'

/** Field numbers of LIP-109; and one of our own, which others pass over. */
const FIELD = {
  senderId: 1,
  messageId: 2,
  channelId: 3,
  lamport: 10,
  causalHistory: 11,
  bloomFilter: 12,
  repairRequest: 13,
  content: 20,
  sentAt: 1_000,
} as const
const TAGS = tagsOf(FIELD)

/** Encodes a message in the `lip` dialect. */
export function encodeLip(message: SdsMessage): Uint8Array<ArrayBuffer> {
  const { bloomFilter, content, causalHistory, repairRequest, sentAt } = message
  const writer = new WireWriter()
  writer.text(FIELD.senderId, message.senderId)
  writer.text(FIELD.messageId, message.messageId)
  writer.text(FIELD.channelId, message.channelId)
  if (message.lamport !== undefined) writer.varint(FIELD.lamport, message.lamport)
  for (const entry of causalHistory) writeHistoryEntry(writer, FIELD.causalHistory, entry)
  if (bloomFilter !== undefined) writer.bytes(FIELD.bloomFilter, bloomFilter)
  for (const entry of repairRequest) writeHistoryEntry(writer, FIELD.repairRequest, entry)
  if (content !== undefined) writer.bytes(FIELD.content, content)
  if (sentAt !== undefined) writer.varint(FIELD.sentAt, sentAt)
  return writer.finish()
}

/**
 * Decodes a message in the `lip` dialect. Bytes in the result are views.
 *
 * @param maxEntries - history entries and repair requests accepted, each
 * @throws {@link MalformedMessage}
 */
export function decodeLip(bytes: Uint8Array, maxEntries: number): SdsMessage {
  return readMessageFields(bytes, TAGS, maxEntries, '')
}
