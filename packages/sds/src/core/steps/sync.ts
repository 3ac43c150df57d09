import { encodeMessage } from '../wire/codec.ts'
import type { SyncReason } from '../event.ts'
import type { DispatchOutcome } from '../input.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { requested } from './request.ts'
import { nameOf } from './name.ts'
import { type PlannedSync, type SdsState, report } from '../state.ts'
import { remember, storeClock } from './store.ts'
import { type LogName, comesBefore } from '../history/log-entry.ts'
import { isTight } from '../settings.ts'
import { filterSuffices } from './pace.ts'
import { putOut } from './put-out.ts'

/** Messages that no other names, in a periodic sync message and in others. */
const MOST_HEADS = 128
const FEW_HEADS = 16

/** A request for repair is made so soon after its T_req at the earliest, so that several go together. */
const REQUESTS_TOGETHER_MS = 200

/** A sync message that could not be dispatched is tried again after this time, then twice as long, up to the longest. */
const RETRY_MS = 1_000
const MOST_RETRY_MS = 60_000

/** Plans the next sync message, if there is something to say that none on its way does; or takes the plan back. */
export function planSync(state: SdsState, now: number): void {
  const { settings, timers, plannedSync } = state
  // One that waits to be encoded will say all that there is to say, unless it may wait for very long.
  const wanted =
    plannedSync === undefined || plannedSync.reason === 'periodic' ? syncReason(state) : undefined
  if (wanted === undefined) {
    timers.remove(state.syncDue)
    state.syncDue = undefined
  } else if (wanted === 'repair') {
    const due = Math.max(now + REQUESTS_TOGETHER_MS, state.syncRetryAt)
    if (state.syncDue !== undefined && state.syncDue.due <= due) return
    timers.remove(state.syncDue)
    state.syncDue = timers.add(due, { type: 'sync' })
  } else if (state.syncDue === undefined) {
    const delay = settings.ackSyncMinMs + state.group.backoffMs(settings.ackSyncMaxMs - settings.ackSyncMinMs)
    state.syncDue = timers.add(Math.max(now + delay, state.syncRetryAt), { type: 'sync' })
  }
}

/** Why a sync message is called for, if it is: to acknowledge, or to ask for repair. */
function syncReason(state: SdsState): 'acknowledge' | 'repair' | undefined {
  const waiting = state.waitingSync
  // What a sync message on its way says already is no reason for another, nor is what another could not say either.
  for (const missing of state.repairRequests.choose()) {
    if (waiting === undefined || !waiting.requested.includes(missing)) return 'repair'
  }
  return owes(state) ? 'acknowledge' : undefined
}

/** Whether something is to be acknowledged that no sync message on its way says, and another could. */
export function owes({ filterNews, waitingSync, toAcknowledge, settings }: SdsState): boolean {
  if (filterNews) return true
  const said = waitingSync?.acknowledged.length ?? 0
  if (waitingSync !== undefined && said >= settings.maxAcknowledged) return false
  return toAcknowledge.size > said
}

/** Sends the periodic sync message, if nobody has said as much meanwhile, and plans the next. */
export function periodicSync(state: SdsState, now: number): void {
  // One that waits to be encoded will say the same.
  if (state.plannedSync !== undefined) return
  if (state.silence.isOver(now)) {
    const waiting = state.waitingSync
    if (waiting === undefined || waiting.newest !== newestOf(state)) sendSync(state, 'periodic', now)
    state.silence.lengthen(now)
  }
  state.silence.plan()
}

/** Puts out a sync message, which takes the place of one that waits to be encoded. */
export function sendSync(state: SdsState, reason: SyncReason, now: number): void {
  if (now < state.syncRetryAt && reason !== 'periodic') return
  if (!hasAnythingToSay(state)) return
  const sync: PlannedSync = { messageId: state.clock.newMessageId(NO_CONTENT, now), reason, at: now }
  state.plannedSync = sync
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

const hasAnythingToSay = ({ history, repairRequests, filterNews }: SdsState): boolean =>
  history.size > 0 || repairRequests.hasEligible || filterNews

/**
 * Whether a sync message that may leave now is still to be sent. Own content that waits leaves in its place, if that says
 * enough. And one that had to wait gives way once more: those of others had to wait for the same moment, and who speaks
 * first spares the rest their messages. Neither for ever.
 */
function isSyncWanted(state: SdsState, sync: PlannedSync, now: number): boolean {
  const { settings, unencoded, silence } = state
  if (state.plannedSync !== sync) return false
  const givesWay =
    isTight(settings) &&
    ((unencoded.size > 0 && filterSuffices(state)) || now - sync.at > settings.ackSyncMaxMs)
  if (syncReason(state) === undefined) {
    return sync.reason === 'periodic' && silence.lastSpokeAt <= sync.at && !givesWay
  }
  return !givesWay || isOverdue(state, now)
}

/** Whether something should have been said by now. */
function isOverdue({ settings, toAcknowledge, repairRequests }: SdsState, now: number): boolean {
  const before = now - settings.acknowledgeWithinMs
  return Math.min(toAcknowledge.since ?? Infinity, repairRequests.eligibleSince ?? Infinity) <= before
}

/** Encodes a sync message that leaves: what is to be acknowledged, the newest of the history, the filter, and requests. */
export function encodeSync(state: SdsState, messageId: string, now: number): Uint8Array | undefined {
  const { settings, history, plannedSync } = state
  if (plannedSync?.messageId !== messageId) return undefined
  state.plannedSync = undefined
  if (!hasAnythingToSay(state)) return undefined
  const requests = state.repairRequests.choose()
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
      .heads(plannedSync.reason === 'periodic' ? MOST_HEADS : FEW_HEADS)
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
  state.filterNews = false
  state.referredWraps = state.wraps
  state.silence.spoken(now)
  state.waitingSync = {
    messageId,
    acknowledged: [...named.keys()].filter((id) => state.toAcknowledge.has(id)),
    requested: requests,
    newest: newestOf(state),
  }
  report(state, { type: 'sync-sent', messageId, reason: plannedSync.reason })
  if (settings.encoding === 'at-release') state.silence.plan()
  if (!state.reported) syncDispatchEnded(state, messageId, 'dispatched', now)
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

const byOrder = (a: LogName, b: LogName): number => (comesBefore(a, b) ? -1 : 1)

/** What has been owed longest, as much as one message acknowledges; in the order of the log. */
function oldestOwed({ toAcknowledge, history, settings }: SdsState): LogName[] {
  const entries: LogName[] = []
  for (const messageId of toAcknowledge.messageIds()) {
    if (entries.length === settings.maxAcknowledged) break
    const entry = history.nameOf(messageId)
    if (entry === undefined) toAcknowledge.delete(messageId)
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
  const sync = state.waitingSync?.messageId === messageId ? state.waitingSync : undefined
  if (sync !== undefined) state.waitingSync = undefined
  else if (state.plannedSync?.messageId === messageId) state.plannedSync = undefined
  else return
  if (outcome === 'failed') {
    state.syncRetryAt = now + Math.min(RETRY_MS * 2 ** state.syncFailures++, MOST_RETRY_MS)
    state.silence.plan()
    return
  }
  state.syncFailures = 0
  state.syncRetryAt = 0
  if (sync === undefined) return
  for (const acknowledged of sync.acknowledged) state.toAcknowledge.delete(acknowledged)
  requested(state, sync.requested, sync.messageId, now)
}

/** A sync message was not wanted when it might have left. */
export function syncWithdrawn(state: SdsState, messageId: string, now: number): void {
  if (state.plannedSync?.messageId !== messageId) return
  state.plannedSync = undefined
  state.silence.spoken(now)
  state.silence.plan()
}
