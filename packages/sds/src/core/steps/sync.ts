import { encodeMessage } from '../wire/codec.ts'
import type { SyncReason } from '../event.ts'
import type { DispatchOutcome } from '../input.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { connected } from './dispatch-ended.ts'
import { requested } from './request.ts'
import { nameOf } from './name.ts'
import type { PlannedSync } from '../parts/sync-plan.ts'
import { type SdsState, report } from '../state.ts'
import { remember, storeClock } from './store.ts'
import { byOrder } from '../history/history.ts'
import type { LogName } from '../history/log-entry.ts'
import { isTight } from '../settings.ts'
import { filterSuffices } from './pace.ts'
import { putOut } from './put-out.ts'

/** Messages that no other names, in a periodic sync message. @limit Older ones are not listed. */
const MOST_HEADS = 128
/** And in any other. */
const FEW_HEADS = 16

/** Sends the periodic sync message, if nobody has said as much meanwhile, and plans the next. */
export function periodicSync(state: SdsState, now: number): void {
  // One that waits to be encoded will say the same.
  if (state.syncPlan.planned !== undefined) return
  if (state.silence.isOver(now)) {
    if (!state.syncPlan.hasSaid(newestOf(state))) sendSync(state, 'periodic', now)
    state.silence.lengthen(now)
  }
  state.silence.plan()
}

/** Sends the sync message whose time has come, if there is still something to say. */
export function dueSync(state: SdsState, now: number): void {
  if (!state.syncPlan.fallDue(now)) return
  sendSync(state, state.repairRequests.hasEligible ? 'repair' : 'acknowledge', now)
}

/** Puts out a sync message, which takes the place of one that waits to be encoded. */
export function sendSync(state: SdsState, reason: SyncReason, now: number): void {
  const { syncPlan } = state
  if (syncPlan.isTooEarly(now) && reason !== 'periodic') return
  if (!hasAnythingToSay(state)) return
  const sync = syncPlan.put(state.clock.newMessageId(NO_CONTENT, now), reason, now)
  putOut(
    state,
    {
      messageId: sync.messageId,
      kind: 'sync',
      priority: reason === 'periodic' && !state.repairRequests.hasEligible ? 'optional' : 'critical',
      ephemeral: true,
      replaces: 'sync',
      reason,
    },
    () => encodeSync(state, sync.messageId, now),
    (at) => isSyncWanted(state, sync, at),
  )
}

const NO_CONTENT = new Uint8Array(0)

const hasAnythingToSay = ({ history, repairRequests, syncPlan }: SdsState): boolean =>
  history.size > 0 || repairRequests.hasEligible || syncPlan.hasFilterNews

/**
 * Whether a sync message that may leave now is still to be sent. Own content that waits leaves in its place, if that says
 * enough. And one that had to wait gives way once more: those of others had to wait for the same moment, and who speaks
 * first spares the rest their messages. Neither for ever.
 */
function isSyncWanted(state: SdsState, sync: PlannedSync, now: number): boolean {
  const { settings, unreleased, silence, syncPlan } = state
  if (syncPlan.planned !== sync) return false
  // Or whoever makes others ask and answer would take all of their quota.
  if (isTight(settings) && unreleased.isItsTurn) return false
  const givesWay =
    isTight(settings) &&
    ((unreleased.size > 0 && filterSuffices(state)) || now - sync.at > settings.ackSyncMaxMs)
  if (syncPlan.reason === undefined) {
    return sync.reason === 'periodic' && silence.lastSpokeAt <= sync.at && !givesWay
  }
  return !givesWay || syncPlan.isOverdue(now)
}

/** Encodes a sync message that leaves: what is to be acknowledged, the newest of the history, the filter, and requests. */
export function encodeSync(
  state: SdsState,
  messageId: string,
  now: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { settings, history } = state
  const planned = state.syncPlan.takePlanned(messageId)
  if (planned === undefined) return undefined
  if (!hasAnythingToSay(state)) return undefined
  state.repairRequests.collectSoon(now)
  const requests = state.repairRequests.chooseForSync()
  const acknowledged = oldestOwed(state)
  // Own content may wait behind this message: nobody should miss what is yet to come.
  const hasLeft = ({ messageId: id }: LogName): boolean => state.unacknowledged.get(id)?.left !== false
  const bloomFilter = state.filter.toWire()
  const named = new Map<string, LogName>()
  let room = settings.maxMessageBytes - bloomFilter.length - MOST_REST_BYTES
  for (const missing of requests) room -= mostBytes(missing.entry)
  for (const entry of [
    ...acknowledged,
    ...history.last(settings.causalHistoryLength, hasLeft, settings.causalHistoryLength + MOST_WAITING),
    // The last few may leave out concurrent messages: whoever missed one would never hear of it.
    ...history
      .heads(planned.reason === 'periodic' ? MOST_HEADS : FEW_HEADS)
      .filter(hasLeft)
      .toReversed(),
  ]) {
    room -= mostBytes(entry)
    // The rest goes into the next one.
    if (room < 0 && named.size > 0) break
    named.set(entry.messageId, entry)
  }
  const causalHistory: HistoryEntry[] = [...named.values()]
    .toSorted(byOrder)
    .map((entry) => nameOf(state, entry))
  const payload = encodeMessage(
    {
      messageId,
      senderId: settings.participantId,
      channelId: settings.channelId,
      lamport: state.clock.advance(now),
      causalHistory,
      bloomFilter,
      repairRequest: requests.map((missing) => missing.entry),
    },
    settings.dialect,
  )
  remember(state, messageId, settings.participantId)
  storeClock(state)
  state.unreleased.pass()
  state.ownLog.refer()
  state.silence.spoken(now)
  state.turns.spoken(now)
  state.syncPlan.encoded({
    messageId,
    acknowledged: [...named.keys()].filter((id) => state.owed.has(id)),
    requested: requests,
    // One that acknowledges asks by the way.
    bytes: planned.reason === 'repair' ? payload.length : 0,
    newest: newestOf(state),
  })
  report(state, { type: 'sync-sent', messageId, reason: planned.reason })
  if (settings.encoding === 'at-release') state.silence.plan()
  if (!state.copies.isReported) syncDispatchEnded(state, messageId, 'dispatched', now)
  return payload
}

/** Own messages looked past that have not left. */
const MOST_WAITING = 256

/** Ids of the message itself, its timestamp, and what frames the fields. */
const MOST_REST_BYTES = 4_096

/** The most that an entry takes in a message: up to three bytes a character, a hint, and what frames them. */
const mostBytes = ({ messageId, senderId = '' }: HistoryEntry): number =>
  3 * (messageId.length + senderId.length) + 80

const newestOf = ({ history }: SdsState): string | undefined => history.last(1)[0]?.messageId

/** The messages that have been owed longest, as many as one acknowledges; in the order of the log. */
function oldestOwed({ owed, history, settings }: SdsState): LogName[] {
  const entries: LogName[] = []
  for (const messageId of owed.messageIds()) {
    if (entries.length === settings.maxAcknowledged) break
    const entry = history.nameOf(messageId)
    if (entry === undefined) owed.delete(messageId)
    else entries.push(entry)
  }
  return entries.toSorted(byOrder)
}

/** A sync message left: what it said is said. If it failed, it is still to be said. */
export function syncDispatchEnded(
  state: SdsState,
  messageId: string,
  outcome: DispatchOutcome,
  now: number,
): void {
  const { syncPlan } = state
  const sync = syncPlan.takeEnded(messageId)
  if (sync === undefined) return
  if (outcome === 'failed') {
    syncPlan.failed(now)
    state.probes.cutOff()
    state.silence.plan()
    return
  }
  syncPlan.retryNow()
  connected(state, now)
  if (!('acknowledged' in sync)) return
  for (const acknowledged of sync.acknowledged) state.owed.delete(acknowledged)
  if (state.parked.size === 0) syncPlan.said(sync.acknowledged.length > 0, now)
  requested(state, sync.requested, sync.messageId, sync.bytes, now)
}

/** A sync message was not wanted when it might have left. */
export function syncWithdrawn(state: SdsState, messageId: string, now: number): void {
  if (state.syncPlan.takePlanned(messageId) === undefined) return
  state.silence.spoken(now)
  state.silence.plan()
}
