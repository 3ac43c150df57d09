import { WireWriter } from '@reliable-channels/wire'
import { writeHistoryEntry } from './history-entry-codec.ts'
import type { SdsMessage } from './message.ts'
import { readMessageFields, tagsOf } from './message-fields.ts'
import { MalformedMessage } from './malformed-message.ts'

/**
 * Which decoder of nim-sds to be as strict as: the present line wants id, lamport, channel and content to be there and
 * varints minimal; v0.4 wants a non-empty id and channel. `any` accepts what either accepts.
 */
export type NimLine = 'present' | 'v0.4' | 'any'

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
export function decodeNim(bytes: Uint8Array, maxEntries: number, line: NimLine = 'any'): SdsMessage {
  const strict = line === 'present'
  const { senderId, messageId, channelId, lamport, causalHistory, bloomFilter, repairRequest, content } =
    readMessageFields(bytes, TAGS, maxEntries, strict)
  if (messageId === undefined || channelId === undefined) {
    throw new MalformedMessage('message id or channel id is missing')
  }
  if (strict && (lamport === undefined || content === undefined)) {
    throw new MalformedMessage('lamport timestamp or content is missing')
  }
  if (line === 'v0.4' && (messageId === '' || channelId === '')) {
    throw new MalformedMessage('message id or channel id is empty')
  }
  return {
    senderId: senderId ?? '',
    messageId,
    channelId,
    lamport: lamport ?? 0,
    causalHistory,
    bloomFilter: bloomFilter?.length === 0 ? undefined : bloomFilter,
    repairRequest,
    content,
  }
}
