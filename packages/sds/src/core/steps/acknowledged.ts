import type { AcknowledgedVia } from '../event.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import { type SdsState, report } from '../state.ts'
import { forgetEntry, forgetOutgoing } from './store.ts'

/** Somebody has the message: it is not sent again. */
export function acknowledged(
  state: SdsState,
  message: OutgoingMessage,
  via: AcknowledgedVia,
  by: string,
): void {
  const { entry } = message
  state.unacknowledged.remove(message)
  state.unreleased.takeDropped(entry.messageId)
  forgetOutgoing(state, entry)
  // Nothing that this process sends tells who else has one of an earlier process.
  if (message.isPart || message.number === 0) state.followed.add(entry.messageId)
  if (state.journal !== undefined && !state.history.has(entry.messageId)) forgetEntry(state, entry)
  // Who has it, loses it and has it again would set probes free each time.
  if (!state.acknowledgements.wasWithdrawn(entry.messageId)) state.probes.allow()
  state.acknowledgements.begin(entry.messageId, message.number, by)
  state.retransmissions.remindOnce(state.lifetime.now)
  report(state, { type: 'acknowledged', messageId: entry.messageId, by, via, first: true })
}
