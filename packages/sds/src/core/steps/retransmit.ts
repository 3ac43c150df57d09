import { acknowledged } from './acknowledged.ts'
import { copyPutOut } from './dispatch-ended.ts'
import { encodeAgain } from './encode.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import { isMeasured } from '../settings.ts'
import { type SdsState, report } from '../state.ts'
import { forgetEntry, forgetOutgoing, storeGivenUp, storeLife, storeOutgoing } from './store.ts'
import { putOut } from './put-out.ts'

/**
 * Sends an unacknowledged message again, or gives it up. LIP-109, "Periodic Outgoing Buffer Sweep". Where waits follow the
 * round trips, one message stands for all that wait: what comes of it shows what has become of the others.
 */
export function retransmit(state: SdsState, message: OutgoingMessage, now: number): void {
  const { retransmissions, probes, settings } = state
  if (retransmissions.areFiltersEnough(message, message !== state.unacknowledged.newest))
    return acknowledged(state, message, 'bloom-filter', state.unacknowledged.seenBy(message)!)
  if (retransmissions.isExhausted(message)) return giveUpDelivery(state, message)
  if (!isMeasured(settings) || !message.left) return resend(state, message, now)
  // A probe has left meanwhile, or somebody was heard: its wait has begun again.
  if (!retransmissions.isDue(message, now)) return retransmissions.arm(message)
  const probe = probeOf(state, message)
  probes.leave(probe.entry.messageId, now)
  storeLife(state)
  // One that nobody's own content calls for is paid for by what others have sent: what they claim to lack starts the
  // count anew.
  const mayLeave = probes.takeFree() || state.allowance.spendCopy(probe.entry.contentLength)
  if (mayLeave) resend(state, probe, now)
  if (!mayLeave || probe !== message) retransmissions.arm(message)
}

/** The message that is sent to find out what has come: the newest, which names what comes before it. */
function probeOf({ unacknowledged, retransmissions }: SdsState, message: OutgoingMessage): OutgoingMessage {
  const { newest } = unacknowledged
  return newest?.left && !newest.onTheWay && !retransmissions.isExhausted(newest) ? newest : message
}

/** Somebody lacks a message: it is sent again, if that means that it was lost. Returns whether it is. */
export function resendLacked(
  state: SdsState,
  message: OutgoingMessage,
  by: string,
  now: number,
  isSure: boolean,
): boolean {
  const { copies, retransmissions, allowance } = state
  if (!copies.isLostFor(message, by, now, isSure)) return false
  if (!allowance.spendCopy(message.entry.contentLength)) return false
  copies.lacked(message, by)
  retransmissions.countAnew(message)
  resend(state, message, now)
  return true
}

function giveUpDelivery(state: SdsState, message: OutgoingMessage): void {
  const { entry, number, retransmissions, ephemeral, priority } = message
  const { sequence, messageId } = entry
  state.unacknowledged.remove(message)
  if (state.history.has(messageId))
    storeGivenUp(state, { sequence, messageId, ephemeral, retransmissions, priority })
  else {
    forgetOutgoing(state, entry)
    forgetEntry(state, entry)
  }
  // Who was merely away may acknowledge it yet.
  state.acknowledgements.begin(entry.messageId, number)
  report(state, { type: 'delivery-failed', messageId: entry.messageId, retransmissions })
}

function resend(state: SdsState, message: OutgoingMessage, now: number): void {
  const { messageId } = message.entry
  putOut(
    state,
    {
      messageId,
      kind: 'retransmission',
      priority: isUrgent(state, message) ? 'critical' : 'normal',
      ephemeral: message.ephemeral,
    },
    () => encodeRetransmission(state, messageId, now),
    (at) => state.unacknowledged.get(messageId) === message && state.retransmissions.isWanted(message, at),
  )
  copyPutOut(state, message, now)
}

/** Whether a message is urgent, or holds up one that is. What has not left at all holds up no other: it was overtaken. */
const isUrgent = ({ ownLog }: SdsState, { priority, left, number, entry }: OutgoingMessage): boolean =>
  priority === 'critical' || (left && !entry.isLoose && ownLog.isUrged(number))

/** Encodes a message that is sent again, unless somebody has it by now. */
export function encodeRetransmission(
  state: SdsState,
  messageId: string,
  now: number,
): Uint8Array<ArrayBuffer> | undefined {
  const message = state.unacknowledged.get(messageId)
  if (message === undefined) return undefined
  state.unreleased.takeDropped(messageId)
  state.retransmissions.count(message)
  state.copies.made(message, state.owed.arrivals, now)
  storeOutgoing(state, message)
  state.ownLog.refer()
  report(state, { type: 'retransmitted', messageId, retransmissions: message.retransmissions })
  return encodeAgain(state, message.entry, now)
}

/** A retransmission was not needed when it might have left. */
export function retransmissionWithdrawn(state: SdsState, messageId: string): void {
  const message = state.unacknowledged.get(messageId)
  if (message !== undefined && state.copies.withdrawn(message)) state.retransmissions.arm(message)
}
