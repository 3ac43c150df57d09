import type { LogFields } from '../history/log-entry.ts'
import type { Named } from '../parts/journal.ts'
import type { GivenUpMessage } from '../parts/given-up.ts'
import type { MetId, MetReason, Stamp } from '../parts/met-ids.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import type { MissingMessage } from '../parts/missing-message.ts'
import { type SdsState, report } from '../state.ts'
import { type Lamport, isMadeUp } from '../wire/lamport.ts'

/* Each stores or deletes one entry; where nothing is kept, nothing is made for it. */

type Numbered = Pick<LogFields, 'sequence'>

export function storeClock({ journal, clock }: SdsState): void {
  journal?.clock(clock)
}

export function storeEntry({ journal }: SdsState, entry: LogFields): void {
  journal?.message(entry)
}

export function forgetEntry({ journal }: SdsState, entry: Named): void {
  journal?.forgetNamed('log', entry)
}

export function storeParked({ journal, lifetime }: SdsState, { sequence }: Numbered): void {
  journal?.parked(sequence, lifetime.lived)
}

export function forgetParked({ journal }: SdsState, { sequence }: Numbered): void {
  journal?.forget('parked', sequence)
}

export function storeOutgoing({ journal, lifetime }: SdsState, message: OutgoingMessage): void {
  if (journal === undefined) return
  const { entry, retransmissions, left, ephemeral, priority, probes } = message
  const leftAt = left ? lifetime.lived : undefined
  journal.outgoing(entry.sequence, { retransmissions, left, ephemeral, priority, leftAt, probes })
}

/** Stores how long the participant has run: what waits goes on from there after a restart. */
export function storeLife(state: SdsState): void {
  const { journal, lifetime, probes } = state
  if (journal === undefined) return
  const { lived, joinedAt, isNewcomer } = lifetime
  const toLife = (at: number): number => lived - (lifetime.now - at)
  journal.life({ lived, joinedAt: isNewcomer ? joinedAt : undefined, probes: probes.record(toLife) })
}

/** A sync message alone names it: nothing else that is stored does. */
export function storeMissing(
  state: SdsState,
  missing: MissingMessage,
  dependent: string,
  namedBy: string,
): void {
  const { journal, lifetime, numbers } = state
  if (journal === undefined || missing.sequence !== undefined) return
  const sequence = numbers.take()
  state.missing.storedAs(missing, sequence)
  journal.missing(sequence, { entry: missing.entry, dependent, namedBy, since: lifetime.lived })
}

/** It is no longer missing. */
export function forgetMissing({ journal }: SdsState, { sequence }: MissingMessage): void {
  if (sequence !== undefined) journal?.forget('missing', sequence)
}

/** It was given up: that is stored in place of what was to be done. */
export function storeGivenUp(state: SdsState, message: GivenUpMessage): void {
  const forgotten = state.givenUp.add(message)
  state.journal?.outgoing(message.sequence, { ...message, left: true, givenUp: true })
  if (forgotten !== undefined) forgetOutgoing(state, forgotten)
}

/** Nobody will be sent it any more. */
export function forgetGivenUp(state: SdsState, messageId: string): void {
  const message = state.givenUp.take(messageId)
  if (message !== undefined) forgetOutgoing(state, message)
}

export function forgetOutgoing({ journal }: SdsState, { sequence }: Numbered): void {
  journal?.forget('out', sequence)
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
    sequence: state.numbers.take(),
    messageId,
    reason,
    ...(senderId !== undefined && { senderId }),
    stamp,
  }
  const forgotten = state.met.add(id)
  state.journal?.met(id)
  if (forgotten !== undefined) forgetMet(state, forgotten)
}

/** An id is forgotten: what comes up to there may have been here before. */
export function forgetMet(state: SdsState, id: MetId): void {
  const { journal, numbers } = state
  const { messageId, reason, stamp } = id
  journal?.forgetNamed('met', id)
  if (reason !== 'sync') report(state, { type: 'limit', limit: 'maxMet', messageId })
  if (stamp === undefined) return
  const { lamport } = stamp
  const kind = reason === 'sync' ? 'passed' : isMadeUp(lamport) ? 'made-up' : 'horizon'
  const place = { lamport, messageId }
  const raised = state.horizons[kind].raise(stamp.senderId, place, () => numbers.take())
  if (raised === undefined || journal === undefined) return
  if (raised.gone !== undefined) journal.forgetHorizon(kind, raised.gone)
  for (const horizon of raised.stored) journal.horizon(kind, horizon)
}

/** Remembers the id of a message that leaves no other trace, whose it is, and when it was sent, if that is known. */
export const remember = (state: SdsState, messageId: string, senderId: string, sentAt?: Lamport): void =>
  addMet(state, messageId, 'sync', senderId, sentAt === undefined ? undefined : { lamport: sentAt, senderId })

/** A message arrived: its id no longer counts as met without it. Returns why it did. */
export function arriveMet(state: SdsState, messageId: string): MetId | undefined {
  const id = state.met.arrive(messageId)
  if (id !== undefined) state.journal?.forgetNamed('met', id)
  return id
}
