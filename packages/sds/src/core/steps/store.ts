import type { Change } from '@reliable-channels/store'
import type { LogFields, Place } from '../history/log-entry.ts'
import type { MetId, MetReason } from '../parts/met-ids.ts'
import type { OutgoingMessage } from '../parts/unacknowledged.ts'
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

/** Where changes go; `undefined` where nothing is stored, so that neither keys nor values are made. */
const changesOf = ({ settings, changes }: SdsState): Change[] | undefined =>
  settings.persistent ? changes : undefined

type Numbered = Pick<LogFields, 'sequence'>

export function storeClock(state: SdsState): void {
  changesOf(state)?.push({ key: CLOCK_KEY, value: encodeClock(state.clock) })
}

export function storeHorizon(state: SdsState, entry: Place): void {
  changesOf(state)?.push({ key: HORIZON_KEY, value: encodeHorizon(entry) })
}

export function storeEntry(state: SdsState, entry: LogFields): void {
  changesOf(state)?.push({ key: logKey(entry.sequence), value: encodeLogEntry(entry) })
}

export function forgetEntry(state: SdsState, { sequence }: Numbered): void {
  changesOf(state)?.push({ key: logKey(sequence), value: undefined })
}

export function storeParked(state: SdsState, { sequence }: Numbered): void {
  changesOf(state)?.push({ key: parkedKey(sequence), value: PARKED_VALUE })
}

export function forgetParked(state: SdsState, { sequence }: Numbered): void {
  changesOf(state)?.push({ key: parkedKey(sequence), value: undefined })
}

export function storeOutgoing(state: SdsState, message: OutgoingMessage): void {
  changesOf(state)?.push({ key: outgoingKey(message.entry.sequence), value: encodeOutgoing(message) })
}

export function forgetOutgoing(state: SdsState, { sequence }: Numbered): void {
  changesOf(state)?.push({ key: outgoingKey(sequence), value: undefined })
}

/** Counts an id as met. */
export function addMet(state: SdsState, messageId: string, reason: MetReason, senderId?: string): void {
  if (state.met.has(messageId, reason)) return
  const id = { sequence: state.sequence++, messageId, reason, ...(senderId !== undefined && { senderId }) }
  const forgotten = state.met.add(id)
  changesOf(state)?.push({ key: metKey(id.sequence), value: encodeMet(id) })
  if (forgotten === undefined) return
  changesOf(state)?.push({ key: metKey(forgotten.sequence), value: undefined })
  if (reason !== 'sync') report(state, { type: 'limit', limit: 'maxMet', messageId: forgotten.messageId })
}

/** Remembers the id of a message that leaves no other trace, and whose it is. */
export const remember = (state: SdsState, messageId: string, senderId: string): void =>
  addMet(state, messageId, 'sync', senderId)

/** A message arrived: its id no longer counts as met without it. Returns why it did. */
export function arriveMet(state: SdsState, messageId: string): MetId | undefined {
  const id = state.met.arrive(messageId)
  if (id !== undefined) changesOf(state)?.push({ key: metKey(id.sequence), value: undefined })
  return id
}
