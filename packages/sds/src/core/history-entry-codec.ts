import type { HistoryEntry } from './message.ts'
import { MalformedMessage, type WireReader } from './wire-reader.ts'
import { type WireWriter, bytesRoom, textRoom } from './wire-writer.ts'

/** `HistoryEntry` is the same in both dialects: id 1, retrieval hint 2, sender 3. */
const FIELD = { messageId: 10, retrievalHint: 18, senderId: 26 } as const

/** @throws {@link MalformedMessage} without a message id */
export function readHistoryEntry(outer: WireReader): HistoryEntry {
  const reader = outer.nested()
  let messageId: string | undefined
  let retrievalHint: Uint8Array | undefined
  let senderId: string | undefined
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === FIELD.messageId) messageId = reader.text()
    else if (tag === FIELD.retrievalHint) retrievalHint = reader.view()
    else if (tag === FIELD.senderId) senderId = reader.text()
    else reader.skip(tag)
  }
  if (messageId === undefined) throw new MalformedMessage('a history entry has no message id')
  return {
    messageId,
    ...(retrievalHint !== undefined && retrievalHint.length > 0 && { retrievalHint }),
    ...(senderId !== undefined && senderId !== '' && { senderId }),
  }
}

export function historyEntryRoom(entry: HistoryEntry): number {
  return (
    10 +
    textRoom(entry.messageId) +
    (entry.senderId === undefined ? 0 : textRoom(entry.senderId)) +
    (entry.retrievalHint === undefined ? 0 : bytesRoom(entry.retrievalHint))
  )
}

export function writeHistoryEntry(writer: WireWriter, field: number, entry: HistoryEntry): void {
  writer.nested(field, historyEntryRoom(entry), (inner) => {
    inner.text(1, entry.messageId)
    if (entry.retrievalHint !== undefined && entry.retrievalHint.length > 0)
      inner.bytes(2, entry.retrievalHint)
    if (entry.senderId !== undefined && entry.senderId !== '') inner.text(3, entry.senderId)
  })
}
