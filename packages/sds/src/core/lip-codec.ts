import { readHistoryEntry, writeHistoryEntry } from './history-entry-codec.ts'
import type { Lamport } from './lamport.ts'
import type { HistoryEntry, SdsMessage } from './message.ts'
import { MalformedMessage, WIRE, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** Field numbers of LIP-109. */
const FIELD = {
  senderId: 1,
  messageId: 2,
  channelId: 3,
  lamport: 10,
  causalHistory: 11,
  bloomFilter: 12,
  repairRequest: 13,
  content: 20,
} as const

/** Encodes a message in the `lip` dialect. */
export function encodeLip(message: SdsMessage): Uint8Array<ArrayBuffer> {
  const { bloomFilter, content, causalHistory, repairRequest } = message
  const writer = new WireWriter()
  writer.text(FIELD.senderId, message.senderId)
  writer.text(FIELD.messageId, message.messageId)
  writer.text(FIELD.channelId, message.channelId)
  if (message.lamport !== undefined) writer.varint(FIELD.lamport, message.lamport)
  for (const entry of causalHistory) writeHistoryEntry(writer, FIELD.causalHistory, entry)
  if (bloomFilter !== undefined) writer.bytes(FIELD.bloomFilter, bloomFilter)
  for (const entry of repairRequest) writeHistoryEntry(writer, FIELD.repairRequest, entry)
  if (content !== undefined) writer.bytes(FIELD.content, content)
  return writer.finish()
}

/**
 * Decodes a message in the `lip` dialect. Bytes in the result are views.
 *
 * @param maxEntries - history entries and repair requests accepted, each
 * @throws {@link MalformedMessage}
 */
export function decodeLip(bytes: Uint8Array, maxEntries: number): SdsMessage {
  const reader = new WireReader(bytes)
  const causalHistory: HistoryEntry[] = []
  const repairRequest: HistoryEntry[] = []
  let senderId = ''
  let messageId = ''
  let channelId = ''
  let lamport: Lamport | undefined
  let bloomFilter: Uint8Array | undefined
  let content: Uint8Array | undefined
  while (!reader.done) {
    const tag = reader.tag()
    switch (tag) {
      case FIELD.senderId * 8 + WIRE.bytes:
        senderId = reader.text()
        break
      case FIELD.messageId * 8 + WIRE.bytes:
        messageId = reader.text()
        break
      case FIELD.channelId * 8 + WIRE.bytes:
        channelId = reader.text()
        break
      case FIELD.lamport * 8 + WIRE.varint:
        lamport = reader.uint64()
        break
      case FIELD.causalHistory * 8 + WIRE.bytes:
        addEntry(causalHistory, reader, maxEntries)
        break
      case FIELD.bloomFilter * 8 + WIRE.bytes:
        bloomFilter = reader.view()
        break
      case FIELD.repairRequest * 8 + WIRE.bytes:
        addEntry(repairRequest, reader, maxEntries)
        break
      case FIELD.content * 8 + WIRE.bytes:
        content = reader.view()
        break
      default:
        reader.skip(tag)
    }
  }
  return { senderId, messageId, channelId, lamport, causalHistory, bloomFilter, repairRequest, content }
}

/** Adds the next entry, unless there are too many already. */
export function addEntry(entries: HistoryEntry[], reader: WireReader, maxEntries: number): void {
  if (entries.length >= maxEntries) throw new MalformedMessage(`more than ${maxEntries} history entries`)
  entries.push(readHistoryEntry(reader))
}
