import type { DispatchOutcome } from '../input.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import type { SdsState } from '../state.ts'
import { filterSuffices } from './pace.ts'
import { planSearch } from './search.ts'
import { storeOutgoing } from './store.ts'

/** A copy of a message was put out: its timer starts now, or when its dispatch is reported. */
export function copyPutOut(state: SdsState, message: OutgoingMessage, now: number): void {
  const { copies, retransmissions } = state
  if (!copies.isReported) return dispatched(state, message, 'dispatched', now)
  retransmissions.stop(message)
  copies.putOut(message)
}

/** A copy of a message was dispatched, or that was tried. */
export function dispatched(
  state: SdsState,
  message: OutgoingMessage,
  outcome: DispatchOutcome,
  now: number,
): void {
  const { copies, retransmissions, unreleased, filter, owed, probes } = state
  const { messageId } = message.entry
  if (outcome === 'dispatched') connected(state, now)
  const isFirst = copies.dispatched(message, now)
  if (isFirst) retransmissions.countAnew(message)
  retransmissions.arm(message)
  if (isFirst) storeOutgoing(state, message)
  if (outcome === 'failed') {
    // It has told nothing of the others: only what has left counts.
    retransmissions.didNotLeave(message)
    probes.didNotLeave(messageId)
    if (unreleased.drop(messageId)) filter.insert(messageId)
    unsay(state, message)
    return
  }
  retransmissions.remind(now)
  state.said.take(message)
  if (filterSuffices(state)) owed.filterLeft(message.filterKnows)
}

/** Something has left: where nothing did before, what waits is tried again now. */
export function connected(state: SdsState, now: number): void {
  const { probes, unacknowledged, retransmissions } = state
  if (!probes.connected()) return
  planSearch(state, now)
  for (const message of unacknowledged.values()) if (!message.onTheWay) retransmissions.arm(message)
}

/** A message waits, or did not leave: those that it would have acknowledged are still to be acknowledged. */
export function unsay(state: SdsState, message: OutgoingMessage): void {
  for (const messageId of state.said.take(message)) {
    const entry = state.history.nameOf(messageId)
    if (entry !== undefined) state.owed.addOverdue(messageId, entry.senderId, state.lifetime.now)
  }
}
