import type { OutgoingMessage } from '../parts/unacknowledged.ts'
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

/** A quota that allows no more than one message in so long is tight: others make theirs in less. */
const TIGHT_MS = 2_000

export const isTight = ({ settings }: SdsState): boolean => settings.paceMs > TIGHT_MS

/** So many acknowledgements are worth a message of their own, for without them as many messages may come again. */
const WORTH_A_MESSAGE = 16

/** Whether own content that leaves acknowledges well enough, by its filter: under a tight quota, if few messages wait for it. */
export const filterSuffices = (state: SdsState): boolean =>
  isTight(state) && state.toAcknowledge.size < WORTH_A_MESSAGE

/** Participants are no longer counted after so long a silence. */
const SILENCE_MS = 600_000
/** How often it is noted that a participant spoke. */
const NOTED_MS = 60_000
/**
 * Most other participants counted. Anybody can make up senders, so what is merely heard must not put an acknowledgement
 * off beyond `ackSyncMinMs` and four times the time from there to `ackSyncMaxMs`: the 5 s after which it would be too late.
 */
const MOST_COUNTED = 15

/** Notes that a participant was heard. */
export function hear(state: SdsState, participantId: string, now: number): void {
  const { heard } = state
  if (now - (heard.get(participantId) ?? -Infinity) < NOTED_MS) return
  heard.delete(participantId)
  heard.set(participantId, now)
  for (const [id, at] of heard) {
    if (heard.size <= MOST_COUNTED && at > now - SILENCE_MS) break
    heard.delete(id)
  }
}

/** Participants in the channel, this one included, as configured; or as many as were heard lately, up to 16. */
export function groupSize({ settings, heard }: SdsState): number {
  return settings.groupSize ?? heard.size + 1
}

/** A random time up to `ms`, longer in groups of more than four: so that about as many speak at a time in any group. */
export function backoffMs(state: SdsState, ms: number): number {
  return state.settings.random() * ms * Math.max(1, groupSize(state) / 4)
}
