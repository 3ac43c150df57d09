import type { LogFields, Place } from './history/log-entry.ts'
import type { MetId, MetReason } from './met-ids.ts'
import type { OutgoingMessage } from './outgoing.ts'
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
} from './records.ts'
import { type SdsState, report } from './state.ts'

function put(state: SdsState, key: string, value: () => Uint8Array | undefined): void {
  if (state.settings.persistent) state.changes.push({ key, value: value() })
}

const nothing = (): undefined => undefined

export const storeClock = (state: SdsState): void => put(state, CLOCK_KEY, () => encodeClock(state))

export const storeHorizon = (state: SdsState, entry: Place): void =>
  put(state, HORIZON_KEY, () => encodeHorizon(entry))

export const storeEntry = (state: SdsState, entry: LogFields): void =>
  put(state, logKey(entry.sequence), () => encodeLogEntry(entry))

export const forgetEntry = (state: SdsState, entry: Pick<LogFields, 'sequence'>): void =>
  put(state, logKey(entry.sequence), nothing)

export const storeParked = (state: SdsState, entry: Pick<LogFields, 'sequence'>): void =>
  put(state, parkedKey(entry.sequence), () => PARKED_VALUE)

export const forgetParked = (state: SdsState, entry: Pick<LogFields, 'sequence'>): void =>
  put(state, parkedKey(entry.sequence), nothing)

export const storeOutgoing = (state: SdsState, message: OutgoingMessage): void =>
  put(state, outgoingKey(message.entry.sequence), () => encodeOutgoing(message))

export const forgetOutgoing = (state: SdsState, entry: Pick<LogFields, 'sequence'>): void =>
  put(state, outgoingKey(entry.sequence), nothing)

/** Counts an id as met. */
export function addMet(state: SdsState, messageId: string, reason: MetReason, senderId?: string): void {
  const ids = reason === 'sync' ? state.passing : state.met
  if (ids.get(messageId) !== undefined) return
  const id = { sequence: state.sequence++, messageId, reason, ...(senderId !== undefined && { senderId }) }
  const forgotten = ids.add(id)
  put(state, metKey(id.sequence), () => encodeMet(id))
  if (forgotten === undefined) return
  put(state, metKey(forgotten.sequence), nothing)
  state.lost.delete(forgotten.messageId)
  if (reason !== 'sync') report(state, { type: 'limit', limit: 'maxMet', messageId: forgotten.messageId })
}

/** Remembers the id of a message that leaves no other trace, and whose it is. */
export const remember = (state: SdsState, messageId: string, senderId: string): void =>
  addMet(state, messageId, 'sync', senderId)

/** No longer counts an id as met without its message. Returns why it did. */
export function removeMet(state: SdsState, messageId: string): MetId | undefined {
  const id = state.met.remove(messageId)
  if (id !== undefined) put(state, metKey(id.sequence), nothing)
  return id
}
