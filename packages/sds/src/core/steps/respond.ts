import type { LogName } from '../history/log-entry.ts'
import { inResponseGroup, responseDelayMs } from '../parts/repair-hash.ts'
import { SLOT_MS, turnOf } from '../parts/turn-order.ts'
import { isMeasured } from '../settings.ts'
import { type SdsState, report } from '../state.ts'
import { encodeMessage } from '../wire/codec.ts'
import type { SdsMessage } from '../wire/message.ts'
import { encodeAgain, messageOf } from './encode.ts'
import { putOut } from './put-out.ts'
import { resendLacked } from './retransmit.ts'

/**
 * Requests of one message that are answered where fewer are usual: more than fit into one of this library.
 * @limit Further ones are ignored.
 */
const MOST_REQUESTS = 128

/** Reads the repair requests of a message. LIP-109, "SDS-R receive message". */
export function reviewRequests(state: SdsState, message: SdsMessage, now: number): void {
  const { settings, history, repairs, repairRequests } = state
  const { participantId, dialect, repair } = settings
  const most = Math.max(repair.maxRequestsPerMessage ?? 0, MOST_REQUESTS)
  repairs.forget(now)
  if (message.repairRequest.length === 0) return
  for (const { messageId, senderId } of message.repairRequest.slice(0, most)) {
    // Nobody answers it.
    if (senderId === undefined) continue
    // Others have asked: should that fail, this participant asks later.
    const missing = state.missing.get(messageId)
    if (missing !== undefined) repairRequests.deferToOthers(missing, now)
    if (!repair.enabled) continue
    if (isOwnToAnswer(state, messageId)) {
      answerOwn(state, messageId, message.senderId, now)
      continue
    }
    const entry = history.get(messageId)
    if (repairs.isUnderWay(messageId)) {
      if (entry !== undefined) hasten(state, entry, message.senderId, now)
      continue
    }
    if (entry === undefined || !canRepair(state, messageId)) continue
    const groups = repair.responseGroups ?? Math.floor(state.group.size / 128) + 1
    // The sender is the one that wrote the message, whoever the request claims it to be.
    if (!inResponseGroup(dialect, participantId, entry.senderId, messageId, groups)) continue
    if (!repairs.makeRoomFor(message.senderId)) {
      report(state, { type: 'limit', limit: 'maxResponses', messageId })
      continue
    }
    const waitMs = responseDelayMs(dialect, participantId, entry.senderId, messageId, repair.tMaxMs)
    const turnMs = isAuthorThere(state, entry, message.senderId)
      ? undefined
      : turnDelayMs(state, entry, message.senderId)
    if (turnMs === undefined) repairs.plan(messageId, message.senderId, now + waitMs)
    else {
      const pauseMs = state.roundTrips.windowMs(message.senderId)
      repairs.plan(messageId, message.senderId, now + Math.min(waitMs, turnMs), pauseMs)
    }
  }
}

/** Whether the one who wrote a message can give it, or the times of LIP-109 are to be kept in any case. */
function isAuthorThere({ settings, group }: SdsState, { senderId }: LogName, asker: string): boolean {
  return settings.repair.isLip || (senderId !== asker && group.hasHeard(senderId))
}

/**
 * How long to wait before a message is given whose author is not there, ms: those who are there have their turns, he the
 * first one, in case he is.
 */
function turnDelayMs({ settings, group }: SdsState, { messageId, senderId }: LogName, asker: string): number {
  const first = senderId === asker ? 0 : 1
  return (first + turnOf(settings.participantId, messageId, group.othersThan(asker))) * SLOT_MS
}

/** So often a message is asked for again in vain, and its author is not there, though he was heard lately. */
const IN_VAIN = 3

/** An answer that is still to be given, and is asked for again and again, is given when this one's turn comes. */
function hasten(state: SdsState, entry: LogName, asker: string, now: number): void {
  const { repairs, settings } = state
  if (settings.repair.isLip || repairs.askAgain(entry.messageId) < IN_VAIN) return
  repairs.hasten(entry.messageId, now + turnDelayMs(state, entry, asker))
}

/** Whether it is this participant's own message, which it answers for at once. */
function isOwnToAnswer({ settings, history }: SdsState, messageId: string): boolean {
  return !settings.repair.isLip && history.get(messageId)?.senderId === settings.participantId
}

/** Sends an own message again to somebody who lacks it, or asks for it, if it is not on its way to him. */
export function answerOwn(state: SdsState, messageId: string, by: string, now: number): void {
  const { unacknowledged, repairs, history, roundTrips, settings } = state
  const outgoing = unacknowledged.get(messageId)
  if (outgoing !== undefined && isMeasured(settings)) {
    resendLacked(state, outgoing, by, now, false)
    return
  }
  if (!settings.repair.enabled || repairs.isUnderWay(messageId)) return
  if (repairs.wasGiven(messageId, roundTrips.windowMs(by), now)) return
  if ((history.get(messageId)?.contentLength ?? 0) === 0) return
  if (!repairs.makeRoomFor(by)) report(state, { type: 'limit', limit: 'maxResponses', messageId })
  else repairs.planOwn(messageId, by, now)
}

/** Replays a message that was asked for. LIP-109, "SDS-R incoming repair request buffer sweep". */
export function respond(state: SdsState, messageId: string, now: number): void {
  const { repairs } = state
  const isPossible = canRepair(state, messageId)
  if (isPossible && repairs.putOff(messageId, now)) return
  repairs.fallDue(messageId)
  if (!isPossible) return
  if (!state.allowance.spendRepair(state.history.get(messageId)!.contentLength)) {
    report(state, { type: 'limit', limit: 'maxResponses', messageId })
    return
  }
  const repair = repairs.give(messageId, now, state.copies.isReported)
  putOut(
    state,
    { messageId, kind: 'repair', priority: 'normal', ephemeral: true },
    () => encodeRepair(state, messageId, now),
    () => repairs.isWanted(messageId, repair) && canRepair(state, messageId),
  )
}

function canRepair({ history, settings }: SdsState, messageId: string): boolean {
  const entry = history.get(messageId)
  if (entry === undefined || entry.contentLength === 0) return false
  return entry.senderId === settings.participantId || settings.mayGive(messageId)
}

/** Encodes a message that was asked for, if it is still here. */
export function encodeRepair(
  state: SdsState,
  messageId: string,
  now: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { history, settings } = state
  const entry = history.get(messageId)
  if (entry === undefined || entry.contentLength === 0) return undefined
  const payload = state.reminders.delete(messageId)
    ? encodeAgain(state, entry, now)
    : encodeMessage(messageOf(state, entry), settings.dialect)
  state.repairs.pay(payload.length, now)
  state.unreleased.pass()
  report(state, { type: 'repair-sent', messageId })
  return payload
}
