import type { DispatchOutcome } from '../input.ts'
import type { OutgoingMessage } from '../parts/unacknowledged.ts'
import type { SdsState } from '../state.ts'
import { filterSuffices } from './pace.ts'
import { storeOutgoing } from './store.ts'

/** A copy of a message was put out: its timer starts now, or when its dispatch is reported. */
export function copyMade(state: SdsState, message: OutgoingMessage, now: number): void {
  if (state.unacknowledged.isReported) state.unacknowledged.putOut(message)
  else dispatched(state, message, 'dispatched', now)
}

/** A copy of a message was dispatched, or that was tried. */
export function dispatched(
  state: SdsState,
  message: OutgoingMessage,
  outcome: DispatchOutcome,
  now: number,
): void {
  const { unacknowledged, filter, owed } = state
  const { messageId } = message.entry
  if (unacknowledged.dispatched(message, now)) storeOutgoing(state, message)
  if (outcome === 'failed') {
    if (unacknowledged.takeUnencoded(messageId) !== undefined) filter.insert(messageId)
    unsay(state, message)
    return
  }
  unacknowledged.takeSaid(message)
  if (filterSuffices(state)) owed.filterLeft(message.filterKnows)
}

/** What a message that waits, or did not leave, would have acknowledged is still to be acknowledged. */
export function unsay(state: SdsState, message: OutgoingMessage): void {
  for (const messageId of state.unacknowledged.takeSaid(message) ?? []) {
    const entry = state.history.nameOf(messageId)
    if (entry !== undefined) state.owed.addOverdue(messageId, entry.senderId, state.lifetime.now)
  }
}
