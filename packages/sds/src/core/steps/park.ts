import type { Frame } from '@reliable-channels/stage'
import type { LogEntry } from '../history/log-entry.ts'
import type { Arrival } from '../input.ts'
import { type MissingMessage, type Parked, parkedBytes } from '../parts/parked.ts'
import { type SdsState, reject, report } from '../state.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { storeEntry, storeParked } from './store.ts'

/** Parks a message with unmet dependencies. Returns whether there was room. */
export function park(
  state: SdsState,
  entry: LogEntry,
  missing: readonly HistoryEntry[],
  arrival: Arrival,
  now: number,
): boolean {
  const { settings, parked } = state
  const bytes = parkedBytes(entry)
  const ofSender = parked.ofSender(entry.senderId)
  if (parked.waitedForCount + missing.length > settings.maxMissing)
    forgetNamedBySyncOnly(state, entry.messageId)
  if (
    parked.size >= settings.maxIncoming ||
    parked.bytes + bytes > settings.maxIncomingBytes ||
    ofSender.count >= settings.maxIncomingPerSender ||
    ofSender.bytes + bytes > settings.maxIncomingBytesPerSender ||
    parked.waitedForCount + missing.length > settings.maxMissing
  ) {
    reject(
      state,
      arrival.frame,
      'incoming-full',
      `${parked.size} messages of ${parked.bytes} bytes are parked`,
    )
    return false
  }
  storeEntry(state, entry)
  storeParked(state, entry)
  parkStored(state, entry, missing, otherFields(arrival.frame), arrival.lane, now)
  return true
}

/** Lets go of what sync messages alone have named: what is here and waits for others needs the room. */
function forgetNamedBySyncOnly(state: SdsState, messageId: string): void {
  const { parked, timers } = state
  // Or each message that finds no room would have all that is missing looked at.
  if (!state.namedBySyncOnly) return
  state.namedBySyncOnly = false
  for (const missing of parked.missing()) {
    if (missing.waiting.length > 0 || missing.isParked) continue
    parked.forget(missing)
    state.repairRequests.cancel(missing)
    timers.remove(missing.giveUp)
  }
  report(state, { type: 'limit', limit: 'maxMissing', messageId })
}

/** Parks a message that is stored already. */
export function parkStored(
  state: SdsState,
  entry: LogEntry,
  missing: readonly HistoryEntry[],
  frame: object | undefined,
  lane: object | undefined,
  now: number,
): void {
  const parked: Parked = { entry, frame, lane, waitsFor: missing.length }
  state.parked.park(parked)
  // It may be one that others wait for: nobody needs to send it.
  const waitedFor = state.parked.getMissing(entry.messageId)
  if (waitedFor !== undefined) state.repairRequests.cancel(waitedFor)
  state.syncPlan.noteFilterNews()
  for (const waited of findMissing(state, missing, entry.messageId, now)) waited.waiting.push(parked)
  state.outputs.push({
    type: 'parked',
    message: {
      messageId: entry.messageId,
      senderId: entry.senderId,
      content: entry.content!.slice(),
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

/** Notes messages as missing: they are asked for, and given up in the end. */
export function findMissing(
  state: SdsState,
  entries: readonly HistoryEntry[],
  dependent: string,
  now: number,
): MissingMessage[] {
  const { settings, parked, timers } = state
  const all: MissingMessage[] = []
  const absent: HistoryEntry[] = []
  for (const entry of entries) {
    const { missing, isNew } = parked.miss(entry)
    all.push(missing)
    if (!missing.isParked) absent.push(missing.entry)
    if (!isNew) continue
    state.repairRequests.schedule(missing, now)
    if (settings.lostAfterMs !== Infinity) {
      missing.giveUp = timers.add(now + settings.lostAfterMs, { type: 'give-up', missing })
    }
  }
  if (absent.length > 0) report(state, { type: 'missing', entries: absent, dependent })
  return all
}
