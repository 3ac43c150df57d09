import type { OutgoingMessage } from './outgoing.ts'
import type { SdsState } from './state.ts'

/** How long after its dispatch a message is sent again. LIP-109, "Periodic Outgoing Buffer Sweep". */
function waitMs({ settings }: SdsState, message: OutgoingMessage): number {
  const wait = settings.acknowledgementTimeoutMs * settings.retransmissionBackoff ** message.retransmissions
  return message.hitCount > 0 ? wait * settings.possiblyAcknowledgedFactor : wait
}

/** Starts, or starts again, the acknowledgement timer of a message that left. */
export function armRetransmission(state: SdsState, message: OutgoingMessage): void {
  state.timers.remove(message.timer)
  message.timer = state.timers.add(message.dispatchedAt + waitMs(state, message), message)
}

/** Participants are no longer counted after so long a silence. */
const SILENCE_MS = 600_000
/** How often it is noted that a participant spoke. */
const NOTED_MS = 60_000
/** Most participants counted. */
const MOST_COUNTED = 1_000

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

/** Participants in the channel, this one included, as configured or heard lately. */
export function groupSize({ settings, heard }: SdsState): number {
  return settings.groupSize ?? heard.size + 1
}

/** A random time up to `ms`, longer in groups of more than four: so that about as many speak at a time in any group. */
export function backoffMs(state: SdsState, ms: number): number {
  return state.settings.random() * ms * Math.max(1, groupSize(state) / 4)
}
