import type { OutgoingMessage } from '../parts/unacknowledged.ts'
import { isTight } from '../settings.ts'
import type { SdsState } from '../state.ts'

/**
 * How long after its dispatch a message is sent again. LIP-109, "Periodic Unacknowledged Buffer Sweep". Others may have to wait
 * for the next epoch to acknowledge it; and for one message more, where a second filter would do that.
 */
function waitMs({ settings }: SdsState, { retransmissions, hitCount }: OutgoingMessage): number {
  const { acknowledgementTimeoutMs, retransmissionBackoff, possiblyAcknowledgedFactor, epochMs, paceMs } =
    settings
  const wait = acknowledgementTimeoutMs * retransmissionBackoff ** retransmissions
  return hitCount > 0 ? wait * possiblyAcknowledgedFactor + epochMs + paceMs : wait + epochMs
}

/** When a message that left is sent again. */
const retransmitAt = (state: SdsState, message: OutgoingMessage): number =>
  message.dispatchedAt + waitMs(state, message)

/** Whether it is time to send a message again. What has not left at all always may. */
export const isRetransmissionDue = (state: SdsState, message: OutgoingMessage, now: number): boolean =>
  !message.left || retransmitAt(state, message) <= now

/** Starts, or starts again, the acknowledgement timer of a message that left. */
export function armRetransmission(state: SdsState, message: OutgoingMessage): void {
  state.timers.remove(message.timer)
  message.timer = state.timers.add(retransmitAt(state, message), message)
}

/** So many acknowledgements are worth a message of their own, for without them as many messages may come again. */
const WORTH_A_MESSAGE = 16

/** Whether own content that leaves acknowledges well enough, by its filter: under a tight quota, if few messages wait for it. */
export const filterSuffices = (state: SdsState): boolean =>
  isTight(state.settings) && state.owed.size < WORTH_A_MESSAGE
