import type { LogFields } from '../history/log-entry.ts'
import type { Named } from '../parts/journal.ts'
import type { GivenUpMessage } from '../parts/given-up.ts'
import type { MetId, MetReason, Stamp } from '../parts/met-ids.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import type { MissingMessage } from '../parts/parked.ts'
import {
  CLOCK_KEY,
  LIFE_KEY,
  HORIZON_KEY,
  PASSED_KEY,
  encodeClock,
  encodeHorizon,
  encodeLife,
  encodeLogEntry,
  encodeMet,
  encodeMissing,
  encodeOutgoing,
  encodeParked,
  horizonKey,
  missingKey,
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
  const { journal } = state
  if (journal.isKept) journal.put(journal.keyOf('log', entry), encodeLogEntry(entry, journal.isNamed(entry)))
}

export function forgetEntry({ journal }: SdsState, entry: Named): void {
  if (journal.isKept) journal.put(journal.keyOf('log', entry), undefined)
}

export function storeParked(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(parkedKey(sequence), encodeParked(state.lifetime.lived))
}

export function forgetParked(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(parkedKey(sequence), undefined)
}

export function storeOutgoing(state: SdsState, message: OutgoingMessage): void {
  if (!state.journal.isKept) return
  const { retransmissions, left, ephemeral, probes } = message
  const leftAt = left ? state.lifetime.lived : undefined
  const record = { retransmissions, left, ephemeral, leftAt, probes }
  state.journal.put(outgoingKey(message.entry.sequence), encodeOutgoing(record))
}

/** Stores how long the participant has run: what waits goes on from there after a restart. */
export function storeLife(state: SdsState): void {
  if (!state.journal.isKept) return
  const { lifetime, probes } = state
  const { lived, joinedAt, isNewcomer } = lifetime
  const toLife = (at: number): number => lived - (lifetime.now - at)
  state.journal.put(
    LIFE_KEY,
    encodeLife({ lived, joinedAt: isNewcomer ? joinedAt : undefined, probes: probes.record(toLife) }),
  )
}

/** A sync message alone names it: nothing else that is stored does. */
export function storeMissing(
  state: SdsState,
  missing: MissingMessage,
  dependent: string,
  namedBy: string,
): void {
  const { journal, lifetime, parked } = state
  if (!journal.isKept || missing.sequence !== undefined) return
  const sequence = journal.takeSequence()
  parked.storedAs(missing, sequence)
  const record = { entry: missing.entry, dependent, namedBy, since: lifetime.lived }
  journal.put(missingKey(sequence), encodeMissing(record))
}

/** It is no longer missing. */
export function forgetMissing({ journal }: SdsState, { sequence }: MissingMessage): void {
  if (sequence !== undefined && journal.isKept) journal.put(missingKey(sequence), undefined)
}

/** It was given up: that is stored in place of what was to be done. */
export function storeGivenUp(state: SdsState, message: GivenUpMessage): void {
  const forgotten = state.givenUp.add(message)
  if (!state.journal.isKept) return
  state.journal.put(outgoingKey(message.sequence), encodeOutgoing({ ...message, left: true, givenUp: true }))
  if (forgotten !== undefined) forgetOutgoing(state, forgotten)
}

/** Nobody will be sent it any more. */
export function forgetGivenUp(state: SdsState, messageId: string): void {
  const message = state.givenUp.take(messageId)
  if (message !== undefined) forgetOutgoing(state, message)
}

export function forgetOutgoing(state: SdsState, { sequence }: Numbered): void {
  if (state.journal.isKept) state.journal.put(outgoingKey(sequence), undefined)
}

/** Stores an id that counts as met. */
export function storeMet({ journal }: SdsState, id: MetId): void {
  if (journal.isKept) journal.put(journal.keyOf('met', id), encodeMet(id, journal.isNamed(id)))
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
  storeMet(state, id)
  if (forgotten !== undefined) forgetMet(state, forgotten)
}

/** An id is forgotten: what comes up to there may have been here before. */
export function forgetMet(state: SdsState, id: MetId): void {
  const { journal } = state
  const { messageId, reason, stamp } = id
  if (journal.isKept) journal.put(journal.keyOf('met', id), undefined)
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
  const { journal } = state
  if (id !== undefined && journal.isKept) journal.put(journal.keyOf('met', id), undefined)
  return id
}
