import type { LogFields } from '../history/log-entry.ts'
import type { MetId, MetReason, Stamp } from '../parts/met-ids.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import {
  CLOCK_KEY,
  PARKED_VALUE,
  HORIZON_KEY,
  PASSED_KEY,
  encodeClock,
  encodeHorizon,
  encodeLogEntry,
  encodeMet,
  encodeOutgoing,
  horizonKey,
  logKey,
  metKey,
  outgoingKey,
  parkedKey,
} from '../parts/records.ts'
import { type SdsState, report } from '../state.ts'
import type { Lamport } from '../wire/lamport.ts'

/* Each stores or deletes one entry; where nothing is kept, neither keys nor values are made. */

type Numbered = Pick<LogFields, 'sequence'>

export function storeClock(state: SdsState): void {
  if (state.journal.isKept) state.journal.put(CLOCK_KEY, encodeClock(state.clock))
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

/**
 * Counts an id as met.
 *
 * @param stamp Of a message that was here.
 */
export function addMet(
  state: SdsState,
  messageId: string,
  reason: MetReason,
  senderId?: string,
  stamp?: Stamp,
): void {
  if (state.met.has(messageId, reason)) return
  const id = {
    sequence: state.journal.takeSequence(),
    messageId,
    reason,
    ...(senderId !== undefined && { senderId }),
    stamp,
  }
  const forgotten = state.met.add(id)
  if (state.journal.isKept) state.journal.put(metKey(id.sequence), encodeMet(id))
  if (forgotten !== undefined) forgetMet(state, forgotten)
}

/** An id is forgotten: what comes up to there may have been here before. */
export function forgetMet(state: SdsState, { sequence, messageId, reason, stamp }: MetId): void {
  const { journal } = state
  if (journal.isKept) journal.put(metKey(sequence), undefined)
  if (reason !== 'sync') report(state, { type: 'limit', limit: 'maxMet', messageId })
  if (stamp === undefined) return
  const [horizons, kind] =
    reason === 'sync' ? [state.passedHorizons, PASSED_KEY] : [state.horizons, HORIZON_KEY]
  const raised = horizons.raise(stamp.senderId, { lamport: stamp.lamport, messageId }, () =>
    journal.takeSequence(),
  )
  if (raised === undefined || !journal.isKept) return
  if (raised.gone !== undefined) journal.put(horizonKey(kind, raised.gone), undefined)
  for (const horizon of raised.stored) journal.put(horizonKey(kind, horizon), encodeHorizon(horizon))
}

/** Remembers the id of a message that leaves no other trace, whose it is, and when it was sent, if that is known. */
export const remember = (state: SdsState, messageId: string, senderId: string, sentAt?: Lamport): void =>
  addMet(state, messageId, 'sync', senderId, sentAt === undefined ? undefined : { lamport: sentAt, senderId })

/** A message arrived: its id no longer counts as met without it. Returns why it did. */
export function arriveMet(state: SdsState, messageId: string): MetId | undefined {
  const id = state.met.arrive(messageId)
  if (id !== undefined && state.journal.isKept) state.journal.put(metKey(id.sequence), undefined)
  return id
}
