import type { Frame } from '@reliable-channels/stage'
import type { LogEntry } from '../history/log-entry.ts'
import type { Arrival } from '../input.ts'
import type { MissingMessage } from '../parts/missing-message.ts'
import { isTight } from '../settings.ts'
import { type SdsState, reject, report } from '../state.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { forgetMissing, storeEntry, storeLife, storeParked } from './store.ts'

/** Parks a message with unmet dependencies. Returns whether there was room. */
export function park(
  state: SdsState,
  entry: LogEntry,
  missing: readonly HistoryEntry[],
  arrival: Arrival,
  now: number,
): boolean {
  const { parked } = state
  if (!state.missing.hasRoomForAll(missing)) forgetNamedBySyncOnly(state, entry.messageId)
  if (!parked.hasRoomFor(entry, missing)) {
    const detail = `${parked.size} messages of ${parked.total.bytes} bytes are parked`
    reject(state, arrival.frame, 'incoming-full', detail)
    return false
  }
  storeEntry(state, entry)
  storeParked(state, entry)
  parkStored(state, entry, missing, otherFields(arrival.frame), arrival.lane, now)
  return true
}

/** Lets go of what sync messages alone have named: what is here and waits for others needs the room. */
function forgetNamedBySyncOnly(state: SdsState, messageId: string): void {
  const forgotten = state.missing.forgetNamedBySyncOnly()
  if (forgotten === undefined) return
  for (const missing of forgotten) {
    state.repairRequests.cancel(missing)
    forgetMissing(state, missing)
  }
  report(state, { type: 'limit', limit: 'maxMissing', messageId })
}

/**
 * Parks a message that is stored already.
 *
 * @param waitedMs How long it has waited, in earlier processes.
 */
export function parkStored(
  state: SdsState,
  entry: LogEntry,
  missing: readonly HistoryEntry[],
  frame: object | undefined,
  lane: object | undefined,
  now: number,
  waitedMs = 0,
): void {
  const parked = state.parked.park(entry, frame, lane)
  // It may be one that others wait for: nobody needs to send it.
  const waitedFor = state.missing.get(entry.messageId)
  if (waitedFor !== undefined) state.repairRequests.cancel(waitedFor)
  state.syncPlan.noteFilterNews()
  state.parked.waitFor(parked, findMissing(state, missing, entry, now, waitedMs))
  state.outputs.put({
    type: 'parked',
    message: {
      messageId: entry.messageId,
      senderId: entry.senderId,
      lamport: entry.lamport,
      content: state.contents.give(entry.content!),
      missing: missing.map(({ messageId }) => messageId),
      sameSenderHistory: entry.causalHistory.filter(({ senderId }) => senderId === entry.senderId),
    },
  })
}

/** A frame's fields beside its payload. */
function otherFields(frame: Frame): object {
  const { payload: _, ...others } = frame
  return others
}

/** So long a newcomer's first messages wait for those that they come after, which may be from before its time, ms. */
const PATIENCE_MS = 1_500
/** And so long where their author is there, who tells; or for so many times T_max, where he is asked by that. */
const PATIENCE_WITH_AUTHOR_MS = 10_000
const PATIENCE_IN_T_MAX = 4
/** So long after it has joined a participant is new, ms. */
const NEW_MS = 60_000

function patienceMs({ group, settings }: SdsState, { senderId = '' }: HistoryEntry): number {
  if (!group.wasHeard(senderId)) return PATIENCE_MS
  const { repair, lostAfterMs } = settings
  if (!repair.isLip || isTight(settings)) return PATIENCE_WITH_AUTHOR_MS
  return Math.min(lostAfterMs, Math.max(PATIENCE_WITH_AUTHOR_MS, PATIENCE_IN_T_MAX * repair.tMaxMs))
}

/**
 * Whether a newcomer has heard nothing yet that it could take. A first message that it hears some time after it has joined
 * comes, as likely as not, after others sent since.
 */
export const hearsFirst = ({ lifetime, history }: SdsState, now: number): boolean =>
  history.size === 0 && lifetime.isNewcomer && lifetime.sinceJoining(now) < NEW_MS

/** A message that names others, and who sent it. */
type Naming = Pick<LogEntry, 'messageId' | 'senderId'>

/**
 * Notes messages as missing: they are asked for, and given up in the end.
 *
 * @param missedMs How long they were missed before, by earlier processes.
 */
export function findMissing(
  state: SdsState,
  entries: readonly HistoryEntry[],
  { messageId: dependent, senderId: namedBy }: Naming,
  now: number,
  missedMs = 0,
): MissingMessage[] {
  const all: MissingMessage[] = []
  const absent: HistoryEntry[] = []
  // What the first ones come after, and did not wait for, is late whenever it comes: it need not wait for all the past.
  const named = state.missing.get(dependent)
  const isLate = named?.isExcused === true && named.patienceMs !== undefined
  const { refusedFirst } = state
  const isFirst = isLate || refusedFirst.has(dependent) || hearsFirst(state, now)
  for (const entry of entries) {
    // What was heard and refused is not of the past.
    const patience = isFirst && !refusedFirst.has(entry.messageId) ? patienceMs(state, entry) : undefined
    const { missing, isNew } = state.parked.miss(entry, namedBy, now, patience, missedMs)
    all.push(missing)
    // Each name may bring another hint.
    if (!missing.isParked) absent.push(entry.retrievalHint === undefined ? missing.entry : entry)
    if (!isNew) {
      state.repairRequests.namedToo(missing, namedBy, now)
      continue
    }
    if (!missing.isParked) state.arrivals.missed()
    state.repairRequests.schedule(missing, now, missedMs)
  }
  const reason = state.met.get(dependent)?.reason
  if (named?.isLate || (reason && reason !== 'sync')) state.parked.late(entries)
  // Should it start again now, it is still a newcomer.
  if (isFirst && entries.length > 0) storeLife(state)
  if (absent.length > 0) report(state, { type: 'missing', entries: absent, dependent })
  return all
}
