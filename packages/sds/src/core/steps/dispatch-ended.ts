import type { DispatchOutcome } from '../input.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import type { SdsState } from '../state.ts'
import { filterSuffices } from './pace.ts'
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
  const { copies, retransmissions, unreleased, filter, owed } = state
  const { messageId } = message.entry
  const isFirst = copies.dispatched(message, now)
  if (isFirst) retransmissions.countAnew(message)
  retransmissions.arm(message)
  if (isFirst) storeOutgoing(state, message)
  if (outcome === 'failed') {
    if (unreleased.take(messageId) !== undefined) filter.insert(messageId)
    unsay(state, message)
    return
  }
  state.said.take(message)
  if (filterSuffices(state)) owed.filterLeft(message.filterKnows)
}

/** What a message that waits, or did not leave, would have acknowledged is still to be acknowledged. */
export function unsay(state: SdsState, message: OutgoingMessage): void {
  for (const messageId of state.said.take(message)) {
    const entry = state.history.nameOf(messageId)
    if (entry !== undefined) state.owed.addOverdue(messageId, entry.senderId, state.lifetime.now)
  }
}
