import type { Evidence } from '../parts/evidence.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import { isMeasured } from '../settings.ts'
import type { SdsState } from '../state.ts'
import { resendLacked } from './retransmit.ts'
import { storeOutgoing } from './store.ts'

/**
 * Somebody is heard while own messages are given up: those that he has are to be acknowledged, and those that he lacks
 * are sent again. Returns whether any is unacknowledged again.
 */
export function reopen(state: SdsState, has: (messageId: string) => boolean, evidence: Evidence): boolean {
  const { by, now } = evidence
  // Nothing is sent again.
  if (state.settings.maxRetransmissions === 0) return false
  let any = false
  for (const messageId of [...state.givenUp.messageIds()]) {
    const isThere = has(messageId)
    if (isThere ? state.acknowledgements.isOutdated(messageId, evidence) : !isPaid(state, messageId)) continue
    const message = openAgain(state, messageId, now)
    if (message === undefined) continue
    any = true
    if (!isThere && isMeasured(state.settings)) resendLacked(state, message, by, now, true)
  }
  return any
}

/** Others pay for all copies that fixed waits bring with them; each of the others is paid for when it leaves. */
function isPaid({ allowance, history, settings }: SdsState, messageId: string): boolean {
  if (isMeasured(settings)) return true
  const bytes = history.get(messageId)?.contentLength ?? 0
  for (let i = 0; i < settings.maxRetransmissions; i++) if (!allowance.spendCopy(bytes)) return false
  return true
}

/** An own message that was given up, or that whoever had it has lost, is unacknowledged again, if there is room. */
export function openAgain(state: SdsState, messageId: string, now: number): OutgoingMessage | undefined {
  const { unacknowledged, retransmissions, settings, history, givenUp, copies, acknowledgements } = state
  const entry = history.get(messageId)
  if (entry === undefined || entry.contentLength === 0) return undefined
  if (unacknowledged.size >= settings.maxOutgoing) return undefined
  if (unacknowledged.bytes + entry.contentLength > settings.maxOutgoingBytes) return undefined
  const { retransmissions: sent, ephemeral, priority = 'normal' } = givenUp.take(messageId) ?? SENT
  const message = unacknowledged.restore(
    entry,
    // Waits that are fixed count copies.
    { ephemeral, priority, left: true, retransmissions: isMeasured(settings) ? sent : 0 },
    acknowledgements.numberOf(messageId),
  )
  copies.leftAt(message, now)
  retransmissions.countAnew(message)
  retransmissions.arm(message)
  storeOutgoing(state, message)
  return message
}

/** Of one that was acknowledged. */
const SENT = { retransmissions: 0, ephemeral: false, priority: 'normal' as const }
