import { LogEntry, type LogFields } from '../history/log-entry.ts'
import type { Lamport } from '../wire/lamport.ts'
import { MalformedMessage } from '../wire/malformed-message.ts'
import type { HistoryEntry } from '../wire/message.ts'
import type { Nanoseconds } from '../wire/message-id.ts'
import { nanosecondsOf, openRecord, startRecord } from './record-fields.ts'
import { readName, writeName } from './stored-names.ts'

/** What the record of a message depends on, beside the message. */
export interface LogRecordContext {
  /** Whether the id is in the key. */
  readonly isNamed?: boolean
  /** The time in the last message id, where this entry tells it. */
  readonly lastId?: Nanoseconds | undefined
  /** The causal history, as far as it must be stored. */
  readonly causalHistory?: readonly HistoryEntry[]
}

export function encodeLogEntry(
  entry: LogFields,
  { isNamed = false, lastId, causalHistory = entry.causalHistory }: LogRecordContext = {},
): Uint8Array {
  const content = entry.content ?? new Uint8Array(0)
  const writer = startRecord()
  if (!isNamed) writer.text(1, entry.messageId)
  writer.text(2, entry.senderId)
  writer.varint(3, entry.lamport)
  for (const item of causalHistory) writeName(writer, 4, item, entry.senderId)
  if (content.length > 0) writer.bytes(5, content)
  if (entry.isLoose === true) writer.varint(6, 1)
  if (lastId === undefined) return writer.finish()
  // As a rule that is the time of the message, too.
  if (lastId.ms !== entry.lamport) writer.varint(7, lastId.ms)
  writer.varint(8, lastId.nanos)
  return writer.finish()
}

/**
 * @param id In the key, or empty.
 * @throws {@link MalformedMessage}
 */
export function decodeLogEntry(
  value: Uint8Array,
  sequence: number,
  id = '',
  hintOf: (messageId: string) => Uint8Array | undefined = () => undefined,
): { readonly entry: LogEntry; readonly lastId: Nanoseconds | undefined } {
  const reader = openRecord(value)
  const causalHistory: HistoryEntry[] = []
  let messageId = id
  let senderId = ''
  let lamport: Lamport | undefined
  let content: Uint8Array | undefined
  let isLoose = false
  let lastMs: Lamport | undefined
  let lastNanos: Lamport | undefined
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 10) messageId = reader.text()
    else if (tag === 18) senderId = reader.text()
    else if (tag === 24) lamport = reader.uint64()
    // The sender comes first.
    else if (tag === 34) causalHistory.push(hinted(readName(reader, senderId), hintOf))
    else if (tag === 42) content = reader.view()
    else if (tag === 48) isLoose = reader.uint32() !== 0
    else if (tag === 56) lastMs = reader.uint64()
    else if (tag === 64) lastNanos = reader.uint64()
    else reader.skip(tag)
  }
  if (messageId === '' || lamport === undefined) throw new MalformedMessage('id or timestamp is missing')
  return {
    entry: new LogEntry({ sequence, messageId, senderId, lamport, causalHistory, content, isLoose }),
    lastId: lastNanos === undefined ? undefined : nanosecondsOf(lastMs ?? lamport, lastNanos),
  }
}

function hinted(entry: HistoryEntry, hintOf: (messageId: string) => Uint8Array | undefined): HistoryEntry {
  const { messageId, senderId, retrievalHint = hintOf(messageId) } = entry
  return { messageId, senderId, retrievalHint }
}
