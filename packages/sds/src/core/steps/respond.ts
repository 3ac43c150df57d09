import { encodeMessage } from '../wire/codec.ts'
import type { SdsMessage } from '../wire/message.ts'
import { inResponseGroup, responseDelayMs } from '../parts/repair-hash.ts'
import { deferToOthers } from './request.ts'
import { messageOf } from './encode.ts'
import { type SdsState, report } from '../state.ts'
import { isTight } from './pace.ts'
import { putOut } from './put-out.ts'

/** Requests of one message that are answered where fewer are usual. */
const MOST_REQUESTS = 16
/** So long a time's bytes of repairs leave at once. */
const BURST_MS = 1_000
/** Repairs on their way at once where the quota is tight: what others write waits behind them. */
const MOST_ON_THE_WAY = 8

/** A message is given again after so long at the earliest: half of the shortest time after which it is asked for again. */
const betweenRepairsMs = ({ settings }: SdsState): number => settings.repair.tMinMs / 2

/** Reads the repair requests of a message. LIP-109, "SDS-R receive message". */
export function reviewRequests(state: SdsState, message: SdsMessage, now: number): void {
  const { settings, parked, history, responses } = state
  const { participantId, dialect, repair } = settings
  const most = Math.max(repair.maxRequestsPerMessage, MOST_REQUESTS)
  forgetRepairs(state, now)
  for (const { messageId, senderId } of message.repairRequest.slice(0, most)) {
    // Nobody answers it.
    if (senderId === undefined) continue
    // Others have asked: should that fail, this participant asks later.
    const missing = parked.getMissing(messageId)
    if (missing !== undefined) deferToOthers(state, missing, now)
    if (!repair.enabled || responses.has(messageId)) continue
    const given = state.repairs.get(messageId)
    if (given?.onTheWay) continue
    const entry = history.get(messageId)
    if (entry === undefined || entry.contentLength === 0) continue
    const groups = repair.responseGroups ?? Math.floor(state.group.size / 128) + 1
    // The sender is the one that wrote the message, whoever the request claims it to be.
    if (!inResponseGroup(dialect, participantId, entry.senderId, messageId, groups)) continue
    if (responses.size + state.repairs.size >= repair.maxResponses) {
      report(state, { type: 'limit', limit: 'maxResponses', messageId })
      continue
    }
    const delay = responseDelayMs(dialect, participantId, entry.senderId, messageId, repair.tMaxMs)
    const due = Math.max(now + delay, given === undefined ? 0 : given.at + betweenRepairsMs(state))
    responses.set(messageId, state.timers.add(due, { type: 'respond', messageId }))
  }
}

/** Somebody has sent the message: nobody needs it from here any more. */
export function cancelResponse(state: SdsState, messageId: string): void {
  const repair = state.repairs.get(messageId)
  if (repair?.onTheWay) repair.superseded = true
  const response = state.responses.get(messageId)
  if (response === undefined) return
  state.timers.remove(response)
  state.responses.delete(messageId)
}

/** Replays a message that was asked for. LIP-109, "SDS-R incoming repair request buffer sweep". */
export function respond(state: SdsState, messageId: string, now: number): void {
  const { settings, responses, repairs, timers } = state
  responses.delete(messageId)
  if (!canRepair(state, messageId)) return
  const due = isTight(state) && isLineFull(state) ? now + settings.paceMs : state.repairsPaidUntil - BURST_MS
  if (due > now) {
    responses.set(messageId, timers.add(due, { type: 'respond', messageId }))
    return
  }
  const repair = { at: now, onTheWay: state.reported, superseded: false }
  repairs.delete(messageId)
  repairs.set(messageId, repair)
  putOut(
    state,
    { messageId, kind: 'repair', priority: 'normal', ephemeral: true },
    () => encodeRepair(state, messageId, now),
    () => repairs.get(messageId) === repair && !repair.superseded && canRepair(state, messageId),
  )
}

function isLineFull({ repairs }: SdsState): boolean {
  let onTheWay = 0
  for (const repair of repairs.values()) if (repair.onTheWay) onTheWay++
  return onTheWay >= MOST_ON_THE_WAY
}

const canRepair = ({ history }: SdsState, messageId: string): boolean =>
  (history.get(messageId)?.contentLength ?? 0) > 0

/** Encodes a message that was asked for, if it is still here. */
export function encodeRepair(state: SdsState, messageId: string, now: number): Uint8Array | undefined {
  const { history, settings } = state
  const entry = history.get(messageId)
  if (entry === undefined || entry.contentLength === 0) return undefined
  const payload = encodeMessage(messageOf(state, entry), settings.dialect)
  const costMs = (1_000 * payload.length) / settings.repair.maxBytesPerSecond
  state.repairsPaidUntil = Math.max(state.repairsPaidUntil, now) + costMs
  report(state, { type: 'repair-sent', messageId })
  return payload
}

/** A repair left, or that was tried, or was no longer needed: from now on the message may be asked for again. */
export function repairEnded({ repairs }: SdsState, messageId: string, now: number): void {
  if (!repairs.get(messageId)?.onTheWay) return
  repairs.delete(messageId)
  repairs.set(messageId, { at: now, onTheWay: false, superseded: false })
}

/** Forgets which messages were given long enough ago. */
function forgetRepairs(state: SdsState, now: number): void {
  const { repairs } = state
  const before = now - betweenRepairsMs(state)
  for (const [messageId, { at, onTheWay }] of repairs) {
    if (at > before) return
    if (!onTheWay) repairs.delete(messageId)
  }
}
