import { encodeMessage } from './codec.ts'
import type { SdsMessage } from './message.ts'
import { inResponseGroup, responseDelayMs } from './repair-hash.ts'
import { askAgain } from './requesting.ts'
import { messageOf } from './sending.ts'
import { type SdsState, report } from './state.ts'
import { groupSize } from './timing.ts'

/** Reads the repair requests of a message. LIP-109, "SDS-R receive message". */
export function reviewRequests(state: SdsState, message: SdsMessage, now: number): void {
  const { settings, incoming, history, responses } = state
  const { participantId, dialect, repair } = settings
  for (const { messageId, senderId } of message.repairRequest) {
    // Others have asked: should that fail, this participant asks later.
    const missing = incoming.getMissing(messageId)
    if (missing !== undefined) askAgain(state, missing, now)
    if (!repair.enabled || senderId === undefined || responses.has(messageId)) continue
    const entry = history.get(messageId)
    if (entry === undefined || entry.contentLength === 0) continue
    const groups = repair.responseGroups ?? Math.floor(groupSize(state) / 128) + 1
    // The sender is the one that wrote the message, whoever the request claims it to be.
    if (!inResponseGroup(dialect, participantId, entry.senderId, messageId, groups)) continue
    if (responses.size >= repair.maxResponses) {
      report(state, { type: 'limit', limit: 'maxResponses', messageId })
      continue
    }
    const delay = responseDelayMs(dialect, participantId, entry.senderId, messageId, repair.tMaxMs)
    responses.set(messageId, state.timers.add(now + delay, { type: 'respond', messageId }))
  }
}

/** Somebody has sent the message: nobody needs it from here any more. */
export function cancelResponse(state: SdsState, messageId: string): void {
  const response = state.responses.get(messageId)
  if (response === undefined) return
  state.timers.remove(response)
  state.responses.delete(messageId)
}

/** Replays a message that was asked for. LIP-109, "SDS-R incoming repair request buffer sweep". */
export function respond(state: SdsState, messageId: string): void {
  state.responses.delete(messageId)
  const entry = state.history.get(messageId)
  if (entry === undefined || entry.contentLength === 0) return
  const payload = encodeMessage(messageOf(state, entry), state.settings.dialect)
  state.outputs.push({
    type: 'traffic',
    frame: { payload, messageId, kind: 'repair', priority: 'normal', ephemeral: true },
  })
  report(state, { type: 'repair-sent', messageId })
}
