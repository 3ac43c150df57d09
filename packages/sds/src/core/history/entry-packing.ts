import type { Lamport } from '../wire/lamport.ts'
import { LogEntry, type LogFields, type LogName, namedAs } from './log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { type Packer, Unpacker } from './packing.ts'

/*
 * A log entry as bytes: id, sender, sequence number, causal history (twice the count, plus 1 if the entry is loose; then id,
 * sender, and retrieval hint of each) and the content, up to the end. Its timestamp is kept elsewhere.
 */

/** Packs an entry; without its causal history, or its content, if that is kept elsewhere. */
export function packEntry(
  packer: Packer,
  { messageId, senderId, sequence, isLoose }: Omit<LogFields, 'causalHistory' | 'content'>,
  causalHistory: readonly HistoryEntry[],
  content: Uint8Array | undefined,
): void {
  packer.reset()
  packer.id(messageId)
  packer.text(senderId)
  packer.integer(sequence)
  packer.integer(2 * causalHistory.length + (isLoose ? 1 : 0))
  for (const named of causalHistory) {
    const { retrievalHint } = named
    packer.id(named.messageId)
    packer.text(named.senderId ?? '')
    packer.integer(retrievalHint?.length ?? 0)
    if (retrievalHint !== undefined) packer.raw(retrievalHint)
  }
  if (content !== undefined) packer.raw(content)
}

/** The name of an entry. */
export function unpackName(bytes: Uint8Array, start: number, lamport: Lamport): LogName {
  const unpacker = new Unpacker(bytes, start)
  const messageId = unpacker.text()
  const senderId = unpacker.text()
  const sequence = unpacker.integer()
  const isLoose = unpacker.integer() % 2 === 1
  return { sequence, messageId, senderId, lamport, isLoose, named: namedAs(messageId, senderId) }
}

/** The fields of an entry that are kept elsewhere than in its packed bytes: its timestamp, and those left out. */
export interface Rest {
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[] | undefined
  readonly content: Uint8Array | undefined
}

/** An entry with bytes of its own. */
export function unpackEntry(
  bytes: Uint8Array,
  start: number,
  end: number,
  { lamport, causalHistory: longHistory, content }: Rest,
): LogEntry {
  const unpacker = new Unpacker(bytes, start)
  const messageId = unpacker.text()
  const senderId = unpacker.text()
  const sequence = unpacker.integer()
  const causalHistory: HistoryEntry[] = []
  const head = unpacker.integer()
  for (let left = head >>> 1; left > 0; left--) {
    const named = unpacker.text()
    const sender = unpacker.text()
    const hintLength = unpacker.integer()
    causalHistory.push({
      messageId: named,
      retrievalHint: hintLength === 0 ? undefined : unpacker.raw(hintLength),
      senderId: sender === '' ? undefined : sender,
    })
  }
  const length = end - unpacker.position
  return new LogEntry({
    sequence,
    messageId,
    senderId,
    lamport,
    causalHistory: longHistory ?? causalHistory,
    content: content ?? (length === 0 ? undefined : unpacker.raw(length)),
    isLoose: head % 2 === 1,
  })
}
