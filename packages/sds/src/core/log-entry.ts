import type { Lamport } from './lamport.ts'
import type { HistoryEntry } from './message.ts'

/** One content message as a participant keeps it: without its filter, and free of the bytes it came in. */
export interface LogEntry {
  /** Names the entry in the store. */
  readonly sequence: number
  readonly messageId: string
  readonly senderId: string
  readonly lamport: Lamport
  readonly causalHistory: readonly HistoryEntry[]
  /** How it is named in causal histories, without a retrieval hint. */
  readonly named: HistoryEntry
  /** Dropped from old messages when the history is over its bytes; then it cannot be repaired from here. */
  content: Uint8Array | undefined
}

/** An entry that keeps `content`. */
export function logEntry(entry: Omit<LogEntry, 'named'>): LogEntry {
  const { sequence, messageId, senderId, lamport, causalHistory, content } = entry
  const named = { messageId, retrievalHint: undefined, senderId: senderId === '' ? undefined : senderId }
  return { sequence, messageId, senderId, lamport, causalHistory, named, content }
}

/** What decides where an entry stands. */
type Place = Pick<LogEntry, 'lamport' | 'messageId'>

/** The order of the log: Lamport timestamp, then message id. LIP-109, "Resolve Conflicts". */
export function comesBefore(a: Place, b: Place): boolean {
  return a.lamport < b.lamport || (!(a.lamport > b.lamport) && a.messageId < b.messageId)
}
