import type { DispatchOutcome } from '../input.ts'
import type { OutgoingMessage } from '../parts/unacknowledged.ts'
import type { SdsState } from '../state.ts'
import { storeOutgoing } from './store.ts'
import { armRetransmission, filterSuffices } from './pace.ts'

/** A copy of a message was put out: its timer starts now, or when its dispatch is reported. */
export function copyMade(state: SdsState, message: OutgoingMessage, now: number): void {
  if (state.reported) {
    state.timers.remove(message.timer)
    message.onTheWay = true
  } else dispatched(state, message, 'dispatched', now)
}

/** A copy of a message was dispatched, or that was tried. */
export function dispatched(
  state: SdsState,
  message: OutgoingMessage,
  outcome: DispatchOutcome,
  now: number,
): void {
  const first = !message.left
  message.onTheWay = false
  message.left = true
  message.dispatchedAt = now
  if (first) storeOutgoing(state, message)
  armRetransmission(state, message)
  if (outcome === 'failed') {
    if (state.unencoded.delete(message.entry.messageId)) state.filter.insert(message.entry.messageId)
    unsay(state, message)
  } else if (filterSuffices(state)) state.owed.filterLeft(message.filterKnows)
  message.says = undefined
}

/** What a message that waits, or did not leave, would have acknowledged is still to be acknowledged. */
export function unsay(state: SdsState, message: OutgoingMessage): void {
  for (const messageId of message.says ?? []) {
    const entry = state.history.nameOf(messageId)
    if (entry !== undefined) state.owed.addOverdue(messageId, entry.senderId, state.lastNow)
  }
  message.says = undefined
}
