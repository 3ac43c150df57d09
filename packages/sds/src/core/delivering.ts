import type { Frame } from '@reliable-channels/stage'
import type { RejectReason } from './event.ts'
import type { MissingMessage, Parked } from './incoming.ts'
import type { WaivedId } from './input.ts'
import { parkedBytes } from './incoming.ts'
import { laterLamport } from './wire/lamport.ts'
import type { LogEntry, LogFields } from './history/log-entry.ts'
import type { HistoryEntry } from './wire/message.ts'
import type { MetId } from './met-ids.ts'
import { DeliveryOrder } from './delivery-order.ts'
import { cancelRequest, scheduleRequest } from './requesting.ts'
import { type SdsState, report } from './state.ts'
import { addMet, forgetParked, removeMet, storeClock, storeEntry, storeParked } from './storing.ts'

/**
 * Whether a dependency is met: in the history, or among the ids met without it. Never because it is parked.
 *
 * @param senderId Whose message it is, where that is known: an id waived by another's word, or that of another's sync
 *   message, is not met.
 */
export function isMet({ history, met, passing }: SdsState, messageId: string, senderId?: string): boolean {
  if (history.has(messageId)) return true
  const id = met.get(messageId) ?? passing.get(messageId)
  return id !== undefined && speaksOf(id, senderId)
}

/** Whether an id was met by the word of its own sender, or of nobody in particular. */
function speaksOf(id: MetId, senderId: string | undefined): boolean {
  return id.senderId === undefined || senderId === undefined || id.senderId === senderId
}

/** How often giving up a message that is parked itself is put off: only messages in a circle use it up. */
const MOST_PUT_OFF = 3

/** Parks a message with unmet dependencies. Returns whether there was room. */
export function park(
  state: SdsState,
  entry: LogEntry,
  missing: readonly HistoryEntry[],
  frame: Frame | undefined,
  lane: object | undefined,
  now: number,
  refuse: (reason: RejectReason, detail: string) => void,
): boolean {
  const { settings, incoming } = state
  const bytes = parkedBytes(entry)
  const ofSender = incoming.ofSender(entry.senderId)
  if (incoming.waitedForCount + missing.length > settings.maxMissing)
    forgetNamedBySyncOnly(state, entry.messageId)
  if (
    incoming.size >= settings.maxIncoming ||
    incoming.bytes + bytes > settings.maxIncomingBytes ||
    ofSender.count >= settings.maxIncomingPerSender ||
    ofSender.bytes + bytes > settings.maxIncomingBytesPerSender ||
    incoming.waitedForCount + missing.length > settings.maxMissing
  ) {
    refuse('incoming-full', `${incoming.size} messages of ${incoming.bytes} bytes are parked`)
    return false
  }
  storeEntry(state, entry)
  storeParked(state, entry)
  parkRestored(state, entry, missing, otherFields(frame), lane, now)
  return true
}

/** Lets go of what sync messages alone have named: what is here and waits for others needs the room. */
function forgetNamedBySyncOnly(state: SdsState, messageId: string): void {
  const { incoming, timers } = state
  // Or each message that finds no room would have all that is missing looked at.
  if (!state.namedBySyncOnly) return
  state.namedBySyncOnly = false
  for (const missing of incoming.missing()) {
    if (missing.waiting.length > 0 || missing.isParked) continue
    incoming.forget(missing)
    cancelRequest(state, missing)
    timers.remove(missing.giveUp)
  }
  report(state, { type: 'limit', limit: 'maxMissing', messageId })
}

/** Parks a message that is stored already. */
export function parkRestored(
  state: SdsState,
  entry: LogEntry,
  missing: readonly HistoryEntry[],
  frame: object | undefined,
  lane: object | undefined,
  now: number,
): void {
  const parked: Parked = { entry, frame, lane, waitsFor: missing.length }
  state.incoming.park(parked)
  // It may be one that others wait for: nobody needs to send it.
  const waitedFor = state.incoming.getMissing(entry.messageId)
  if (waitedFor !== undefined) cancelRequest(state, waitedFor)
  state.filterNews = true
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
function otherFields(frame: Frame | undefined): object | undefined {
  if (frame === undefined) return undefined
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
  const { settings, incoming, timers } = state
  const all: MissingMessage[] = []
  const absent: HistoryEntry[] = []
  for (const entry of entries) {
    const { missing, isNew } = incoming.miss(entry)
    all.push(missing)
    if (!missing.isParked) absent.push(missing.entry)
    if (!isNew) continue
    scheduleRequest(state, missing, now)
    if (settings.lostAfterMs !== Infinity) {
      missing.giveUp = timers.add(now + settings.lostAfterMs, { type: 'give-up', missing })
    }
  }
  if (absent.length > 0) report(state, { type: 'missing', entries: absent, dependent })
  return all
}

/** Delivers a message whose dependencies are met. LIP-109, "Deliver Message". */
export function deliver(
  state: SdsState,
  entry: LogFields,
  frame: object | undefined,
  lane: object | undefined,
  isNew: boolean,
): void {
  const { settings, history } = state
  const { messageId, senderId } = entry
  const own = senderId === settings.participantId
  const before = removeMet(state, messageId)
  state.lost.delete(messageId)
  history.insert(entry)
  if (isNew) storeEntry(state, entry)
  if (entry.lamport > state.lamport) {
    state.lamport = laterLamport(entry.lamport, state.lamport)
    storeClock(state)
  }
  if (!own) state.toAcknowledge.add(messageId, senderId, state.lastNow)
  report(state, { type: 'delivered', messageId, senderId })
  if (!own || settings.ownMessages === 'deliver') {
    state.outputs.push({
      type: 'delivered',
      lane,
      frame,
      payload: entry.content!.slice(),
      messageId,
      senderId,
      late: before !== undefined && before.reason !== 'forgotten' && speaksOf(before, senderId),
      own,
      ephemeral: false,
    })
  }
  meet(state, messageId)
  settleWaivers(state, messageId)
}

/** An id is met: nothing waits for it, or asks for it, any more. */
export function meet(state: SdsState, messageId: string): void {
  const found = state.incoming.found(messageId, state.ready)
  if (found === undefined) return
  cancelRequest(state, found)
  state.timers.remove(found.giveUp)
}

/**
 * Delivers what is ready, which may make more ready; in the order of the log, because what was waived or given up
 * no longer tells what came before what.
 */
export function deliverReady(state: SdsState): void {
  const { ready, incoming } = state
  if (ready.length === 0) return
  const order = new DeliveryOrder()
  for (;;) {
    for (const parked of ready.splice(0)) order.add(parked)
    const next = order.take()
    if (next === undefined) return
    incoming.unpark(next)
    forgetParked(state, next.entry)
    deliver(state, next.entry, next.frame, next.lane, false)
  }
}

/**
 * Lets `dependents` not wait for messages. Those count as met once all the dependents are delivered: whatever else
 * depends on them is not to come before what stands in for them. Without dependents that wait, at once.
 */
export function waive(
  state: SdsState,
  messages: readonly WaivedId[],
  dependents: readonly string[] = [],
): void {
  const { incoming, waivers, ready } = state
  const waiting = new Set(dependents.filter((messageId) => incoming.has(messageId)))
  if (waiting.size === 0) return countAsMet(state, messages)
  const waiver = { messages, pending: waiting.size }
  for (const messageId of waiting) {
    const others = waivers.get(messageId)
    if (others === undefined) waivers.set(messageId, [waiver])
    else others.push(waiver)
  }
  for (const { messageId } of messages) incoming.excuse(messageId, waiting, ready)
  state.namedBySyncOnly = true
}

/** A message that something was waived for is delivered. */
function settleWaivers(state: SdsState, messageId: string): void {
  const waivers = state.waivers.get(messageId)
  if (waivers === undefined) return
  state.waivers.delete(messageId)
  for (const waiver of waivers) if (--waiver.pending === 0) countAsMet(state, waiver.messages)
}

/** Counts ids as met though their messages never arrived. */
function countAsMet(state: SdsState, messages: readonly WaivedId[]): void {
  for (const { messageId, senderId } of messages) {
    if (isMet(state, messageId)) continue
    addMet(state, messageId, 'waived', senderId)
    if (!state.incoming.has(messageId)) state.filter.insert(messageId)
    meet(state, messageId)
  }
}

/** Gives up messages that have been missing for too long. LIP-109, "irretrievably lost". */
export function giveUp(state: SdsState, missing: readonly MissingMessage[], now: number): void {
  const entries: HistoryEntry[] = []
  for (const one of missing) {
    if (one.isParked && one.putOff < MOST_PUT_OFF) {
      one.putOff++
      one.giveUp = state.timers.add(now + state.settings.lostAfterMs, { type: 'give-up', missing: one })
      continue
    }
    const { messageId } = one.entry
    entries.push(one.entry)
    state.lost.add(messageId)
    addMet(state, messageId, 'lost')
    meet(state, messageId)
  }
  if (entries.length > 0) report(state, { type: 'lost', entries })
}
