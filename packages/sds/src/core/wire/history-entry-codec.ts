import type { WireReader, WireWriter } from '@reliable-channels/wire'
import type { HistoryEntry } from './message.ts'
import { MalformedMessage } from './malformed-message.ts'

/** `HistoryEntry` is the same in both dialects: id 1, retrieval hint 2, sender 3. */
const FIELD = { messageId: 10, retrievalHint: 18, senderId: 26 } as const

/** @throws {@link MalformedMessage} without a message id */
export function readHistoryEntry(reader: WireReader): HistoryEntry {
  const outer = reader.enter()
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
  reader.leave(outer)
  if (messageId === undefined) throw new MalformedMessage('a history entry has no message id')
  if (senderId === '') senderId = undefined
  if (retrievalHint?.length === 0) retrievalHint = undefined
  return { messageId, retrievalHint, senderId }
}

export function writeHistoryEntry(writer: WireWriter, field: number, entry: HistoryEntry): void {
  const start = writer.startNested(field)
  writer.text(1, entry.messageId)
  if (entry.retrievalHint !== undefined && entry.retrievalHint.length > 0)
    writer.bytes(2, entry.retrievalHint)
  if (entry.senderId !== undefined && entry.senderId !== '') writer.text(3, entry.senderId)
  writer.endNested(start)
}
