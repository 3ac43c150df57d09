import type { LogFields, Place } from '../history/log-entry.ts'
import type { MetId, MetReason } from '../parts/met-ids.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import {
  CLOCK_KEY,
  PARKED_VALUE,
  HORIZON_KEY,
  encodeClock,
  encodeHorizon,
  encodeLogEntry,
  encodeMet,
  encodeOutgoing,
  logKey,
  metKey,
  outgoingKey,
  parkedKey,
} from '../parts/records.ts'
import { type SdsState, report } from '../state.ts'

/* Each stores or deletes one entry; where nothing is kept, neither keys nor values are made. */

type Numbered = Pick<LogFields, 'sequence'>

export function storeClock(state: SdsState): void {
  if (state.journal.isKept) state.journal.put(CLOCK_KEY, encodeClock(state.clock))
}

export function storeHorizon(state: SdsState, entry: Place): void {
  if (state.journal.isKept) state.journal.put(HORIZON_KEY, encodeHorizon(entry))
}

export function storeEntry(state: SdsState, entry: LogFields): void {
  if (state.journal.isKept) state.journal.put(logKey(entry.sequence), encodeLogEntry(entry))
}

export function forgetEntry(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(logKey(sequence), undefined)
}

export function storeParked(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(parkedKey(sequence), PARKED_VALUE)
}

export function forgetParked(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(parkedKey(sequence), undefined)
}

export function storeOutgoing(state: SdsState, message: OutgoingMessage): void {
  if (state.journal.isKept) state.journal.put(outgoingKey(message.entry.sequence), encodeOutgoing(message))
}

export function forgetOutgoing(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(outgoingKey(sequence), undefined)
}

/** Counts an id as met. */
export function addMet(state: SdsState, messageId: string, reason: MetReason, senderId?: string): void {
  if (state.met.has(messageId, reason)) return
  const id = {
    sequence: state.journal.takeSequence(),
    messageId,
    reason,
    ...(senderId !== undefined && { senderId }),
  }
  const forgotten = state.met.add(id)
  if (state.journal.isKept) state.journal.put(metKey(id.sequence), encodeMet(id))
  if (forgotten === undefined) return
  if (state.journal.isKept) state.journal.put(metKey(forgotten.sequence), undefined)
  if (reason !== 'sync') report(state, { type: 'limit', limit: 'maxMet', messageId: forgotten.messageId })
}

/** Remembers the id of a message that leaves no other trace, and whose it is. */
export const remember = (state: SdsState, messageId: string, senderId: string): void =>
  addMet(state, messageId, 'sync', senderId)

/** A message arrived: its id no longer counts as met without it. Returns why it did. */
export function arriveMet(state: SdsState, messageId: string): MetId | undefined {
  const id = state.met.arrive(messageId)
  if (id !== undefined && state.journal.isKept) state.journal.put(metKey(id.sequence), undefined)
  return id
}
