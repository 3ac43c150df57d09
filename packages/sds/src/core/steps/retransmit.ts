import { copyMade } from './dispatch-ended.ts'
import { encodeOwn, withHints } from './encode.ts'
import type { OutgoingMessage } from '../parts/unacknowledged.ts'
import { type SdsState, report } from '../state.ts'
import { forgetEntry, forgetOutgoing, storeOutgoing } from './store.ts'
import { putOut } from './put-out.ts'

/** Sends an unacknowledged message again, or gives it up. LIP-109, "Periodic Unacknowledged Buffer Sweep". */
export function retransmit(state: SdsState, message: OutgoingMessage, now: number): void {
  const { settings } = state
  const { entry, ephemeral } = message
  if (message.retransmissions >= settings.maxRetransmissions && message.left) {
    state.unacknowledged.remove(message)
    forgetOutgoing(state, entry)
    if (!state.history.has(entry.messageId)) forgetEntry(state, entry)
    report(state, {
      type: 'delivery-failed',
      messageId: entry.messageId,
      retransmissions: message.retransmissions,
    })
    return
  }
  const { messageId } = entry
  putOut(
    state,
    { messageId, kind: 'retransmission', priority: 'normal', ephemeral },
    () => encodeRetransmission(state, messageId, now),
    (at) => state.unacknowledged.get(messageId) === message && state.unacknowledged.isDue(message, at),
  )
  copyMade(state, message, now)
}

/** Encodes a message that is sent again, unless somebody has it by now. */
export function encodeRetransmission(
  state: SdsState,
  messageId: string,
  now: number,
): Uint8Array | undefined {
  const { unacknowledged } = state
  const message = unacknowledged.get(messageId)
  if (message === undefined) return undefined
  unacknowledged.countCopy(message)
  unacknowledged.filterMade(message, state.owed.arrivals)
  storeOutgoing(state, message)
  unacknowledged.refer()
  report(state, { type: 'retransmitted', messageId, retransmissions: message.retransmissions })
  const { lamport, causalHistory } = message.entry
  return encodeOwn(
    state,
    withHints(state, { messageId, lamport, causalHistory, content: message.content }),
    now,
  )
}

/** A retransmission was not needed when it might have left. */
export function retransmissionWithdrawn(state: SdsState, messageId: string): void {
  const message = state.unacknowledged.get(messageId)
  if (message !== undefined) state.unacknowledged.withdrawn(message)
}
