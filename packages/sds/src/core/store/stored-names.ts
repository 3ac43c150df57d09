import { type WireReader, type WireWriter, hashBytesOf, hexOf } from '@reliable-channels/wire'
import { MalformedMessage } from '../wire/malformed-message.ts'
import type { HistoryEntry } from '../wire/message.ts'

/**
 * As on the wire: id 1, retrieval hint 2, sender 3; but an id that is a hash, as nearly all are, is field 4, as its bytes,
 * and that it is of the author of the message that names it, as most are, is field 5.
 */
const FIELD = { messageId: 10, retrievalHint: 18, senderId: 26, hash: 34, isAuthors: 40 } as const
const HASH = 4
const IS_AUTHORS = 5
const HASH_BYTES = 32

/**
 * How a message is named in a causal history, as it is stored.
 *
 * @param author Of the message that names it, where that is known to who reads it.
 */
export function writeName(writer: WireWriter, field: number, entry: HistoryEntry, author?: string): void {
  const { messageId, retrievalHint, senderId } = entry
  const start = writer.startNested(field)
  const hash = hashBytesOf(messageId)
  if (hash === undefined) writer.text(1, messageId)
  else writer.bytes(HASH, hash)
  if (retrievalHint !== undefined && retrievalHint.length > 0) writer.bytes(2, retrievalHint)
  if (senderId !== undefined && senderId !== '') {
    if (senderId === author) writer.varint(IS_AUTHORS, 1)
    else writer.text(3, senderId)
  }
  writer.endNested(start)
}

/**
 * @param author As for {@link writeName}.
 * @throws {@link MalformedMessage} without a message id
 */
export function readName(reader: WireReader, author?: string): HistoryEntry {
  const outer = reader.enter()
  let messageId: string | undefined
  let retrievalHint: Uint8Array | undefined
  let senderId: string | undefined
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === FIELD.messageId) messageId = reader.text()
    else if (tag === FIELD.hash) messageId = hashFrom(reader.view())
    else if (tag === FIELD.retrievalHint) retrievalHint = reader.view()
    else if (tag === FIELD.senderId) senderId = reader.text()
    else {
      if (tag === FIELD.isAuthors) senderId = author
      reader.skip(tag)
    }
  }
  reader.leave(outer)
  if (messageId === undefined) throw new MalformedMessage('a history entry has no message id')
  return { messageId, retrievalHint, senderId }
}

function hashFrom(bytes: Uint8Array): string {
  if (bytes.length !== HASH_BYTES) throw new MalformedMessage(`a hash of ${bytes.length} bytes`)
  return hexOf(bytes)
}
