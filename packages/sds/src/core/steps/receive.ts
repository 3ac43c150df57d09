import type { Arrival } from '../input.ts'
import { reviewRequests } from './respond.ts'
import { reviewAcknowledgements } from './acknowledge.ts'
import { decodeMessage } from '../wire/codec.ts'
import { SMALL } from '../history/content-store.ts'
import { deliver } from './deliver.ts'
import { canRemember, horizonBeyond, horizonPassed } from './again.ts'
import { isMet, isPast, leavePast, meet, pass } from './met.ts'
import { findMissing, park } from './park.ts'
import { refuse } from './refuse.ts'
import { expectOf } from './remind.ts'
import { planSearch } from './search.ts'
import type { ContentOf } from '../event.ts'
import { LogEntry, type LogFields } from '../history/log-entry.ts'
import { msOfLamport } from '../wire/lamport-ms.ts'
import { type HistoryEntry, type SdsMessage, kindOf } from '../wire/message.ts'
import { type SdsState, reject, report } from '../state.ts'
import { addMet, storeClock, storeEntry, storeMissing } from './store.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { MissingMessage } from '../parts/missing-message.ts'
import { equalBytes, isLonger } from '@reliable-channels/wire'

/** Takes in bytes from the network. LIP-109, "Receive Message". */
export function receive(state: SdsState, arrival: Arrival, now: number): void {
  const { settings } = state
  const { frame } = arrival
  const decoded = decodeMessage(frame.payload, settings)
  if (decoded.message === undefined) return reject(state, frame, 'undecodable', decoded.reason)
  const { message, dialect } = decoded
  if (message.channelId !== settings.channelId) {
    return reject(state, frame, 'other-channel', `a message of channel ${message.channelId}`)
  }
  const kind = kindOf(message)
  if (kind === undefined) return reject(state, frame, 'malformed', 'neither timestamp nor content')
  const flaw = flawOf(message, settings.maxIdLength)
  if (flaw !== undefined) return reject(state, frame, 'malformed', flaw)
  const { lamport } = message
  if (settings.dialect === 'lip' && lamport !== undefined && lamport > now + settings.maxFutureSkewMs) {
    return reject(state, frame, 'future-lamport', `timestamp ${lamport}, the time is ${now}`)
  }
  const { sentAt } = message
  if (kind === 'ephemeral' && sentAt !== undefined && sentAt > now + settings.maxFutureSkewMs) {
    return reject(state, frame, 'future-lamport', `sent at ${sentAt}, the time is ${now}`)
  }
  const own = message.senderId === settings.participantId
  if (!own) hear(state, message, now)
  if (kind === 'ephemeral') return receiveEphemeral(state, message, arrival, own)

  state.allowance.heard(frame.payload.length)
  if (kind === 'content') {
    state.silence.spoken(now)
    state.silence.shorten()
  } else if (speaksFor(state, message)) state.silence.broken(now)
  state.repairs.supersede(message.messageId)
  if (!own) {
    reviewAcknowledgements(state, message, dialect, now)
    noteAcknowledgedByOthers(state, message)
    reviewRequests(state, message, now)
  }
  if (kind === 'sync') receiveSync(state, message, own, now)
  else receiveContent(state, message, arrival, own, now)
}

/** Somebody is there who was not until now: his missing messages no longer wait for third parties to repair them. */
function askNewlyHeard({ missing, repairRequests }: SdsState, senderId: string, now: number): void {
  if (repairRequests.size === 0) return
  for (const one of missing.values())
    if (one.entry.senderId === senderId) repairRequests.authorIsThere(one, now)
}

/** Whether a sync message says what a periodic one of this participant would: it knows of the newest message. */
function speaksFor({ history }: SdsState, { causalHistory }: SdsMessage): boolean {
  const [newest] = history.last(1)
  return newest === undefined || causalHistory.some(({ messageId }) => messageId === newest.messageId)
}

/** Says what is wrong with the ids of a message, if anything is. */
function flawOf(message: SdsMessage, maxLength: number): string | undefined {
  const { messageId, senderId, causalHistory, repairRequest } = message
  if (messageId === '') return 'no message id'
  if (isLonger(messageId, maxLength) || isLonger(senderId, maxLength)) return 'an overlong id'
  return (
    flawIn(causalHistory, 'the causal history', maxLength) ??
    flawIn(repairRequest, 'the repair requests', maxLength)
  )
}

function flawIn(entries: readonly HistoryEntry[], where: string, maxLength: number): string | undefined {
  for (const { messageId, senderId = '' } of entries) {
    if (messageId === '') return `an empty id in ${where}`
    if (isLonger(messageId, maxLength) || isLonger(senderId, maxLength)) return `an overlong id in ${where}`
  }
  return undefined
}

function receiveEphemeral(state: SdsState, message: SdsMessage, arrival: Arrival, own: boolean): void {
  const { messageId, senderId, content, sentAt } = message
  const { frame, lane } = arrival
  if (own || state.met.isPassing(messageId)) return
  if (sentAt !== undefined) {
    const horizon = horizonPassed(state, message, sentAt)
    if (horizon !== undefined)
      return turnAway(state, { ...message, lamport: sentAt }, arrival, horizon, undefined)
  }
  pass(state, messageId, senderId, sentAt)
  state.outputs.put({
    type: 'delivered',
    lane,
    frame,
    payload: content!.slice(),
    messageId,
    senderId,
    lamport: sentAt,
    late: false,
    own: false,
    ephemeral: true,
  })
}

/** A sync message acknowledges, asks, and tells what exists; it is not kept. LIP-109, "Periodic Sync Message". */
function receiveSync(state: SdsState, message: SdsMessage, own: boolean, now: number): void {
  const { messageId, senderId, causalHistory } = message
  if (!isMet(state, messageId) && !state.parked.has(messageId)) pass(state, messageId, senderId)
  if (own) return
  report(state, { type: 'sync-received', messageId, senderId })
  const missing = causalHistory.filter(
    (entry) => !isMet(state, entry.messageId, entry.senderId) && !state.parked.has(entry.messageId),
  )
  if (missing.length === 0) return
  if (!state.missing.hasRoomFor(missing.length)) {
    report(state, { type: 'limit', limit: 'maxMissing', messageId })
    return
  }
  const kept = missing.map((entry) => owned(entry, state.settings.maxHintLength))
  state.missing.noteNamedBySyncOnly()
  for (const one of findMissing(state, kept, message, now)) {
    if (one.waiting.length === 0) storeMissing(state, one, messageId, senderId)
  }
}

function receiveContent(
  state: SdsState,
  message: SdsMessage,
  arrival: Arrival,
  own: boolean,
  now: number,
): void {
  const { settings, history, parked, acknowledgements } = state
  const { messageId, senderId } = message
  const held = history.get(messageId)
  if (held !== undefined) {
    if (!isCopy(state, message, held)) return
    // Sent again (a repair has no filter): the sender may have missed that it is acknowledged.
    if (!own && message.bloomFilter !== undefined) {
      state.owed.addAgain(messageId, senderId, now)
      state.syncPlan.press()
    }
    return
  }
  if (parked.has(messageId)) {
    compareCopy(state, message)
    if (message.bloomFilter !== undefined) state.syncPlan.noteFilterNews()
    return
  }
  if (state.met.isForgotten(messageId)) return
  const found = state.missing.get(messageId)
  const horizon = horizonBeyond(state, message, found)
  if (horizon !== undefined) return turnAway(state, message, arrival, horizon, found)
  if (!canRemember(state, message.lamport!, now)) {
    const detail = `timestamp ${message.lamport}, the time is ${now}, and there are too many like it`
    return reject(state, arrival.frame, 'future-lamport', detail)
  }
  if (found !== undefined && isPast(state, message)) return leavePast(state, found)
  const refusal = own ? undefined : settings.refuses?.({ messageId, senderId, content: message.content! })
  if (refusal !== undefined) return refuse(state, message, arrival.frame, refusal, found, now)
  const causalHistory = keptHistory(message, settings.maxHintLength)
  const missing = isPastAgain(state, message)
    ? []
    : causalHistory.filter(
        (before) =>
          // An id that somebody has acknowledged is that of an own message, which need not be looked for.
          !acknowledgements.has(before.messageId) && !isMet(state, before.messageId, before.senderId),
      )
  const content = message.content!
  const waits = missing.length > 0
  // The content of a message that is delivered at once is copied into the history.
  const taken: LogFields = {
    sequence: state.numbers.next,
    messageId,
    senderId: own ? settings.participantId : senderId,
    lamport: message.lamport!,
    causalHistory,
    content: waits || content.length > SMALL ? state.contents.keep(content) : content,
  }
  if (!own) state.arrivals.came(now, !waits && found === undefined)
  if (waits && !park(state, new LogEntry(taken), missing, arrival, now)) return
  state.numbers.take()
  if (found !== undefined) {
    state.repairRequests.cancel(found)
    state.repairRequests.came(found, now)
  }
  state.filter.insert(messageId)
  if (settings.dialect === 'nim') {
    state.clock.overtake(taken.lamport)
    storeClock(state)
  }
  if (!waits) deliver(state, taken, arrival, true)
}

/** Turns away a message that may have been here before. What waits for it does not wait any longer. */
function turnAway(
  state: SdsState,
  { messageId, senderId, lamport = 0 }: SdsMessage,
  { frame }: Arrival,
  horizon: Horizon,
  found: MissingMessage | undefined,
): void {
  const detail = `timestamp ${lamport}: up to ${horizon.lamport} what came of its sender is forgotten`
  reject(state, frame, 'older-than-history', detail)
  if (found === undefined) return
  addMet(state, messageId, 'forgotten', undefined, { lamport, senderId })
  meet(state, messageId)
}

/**
 * A copy of a message that waits. Where ids are hashes of contents, it may be another message that says the same, and comes
 * after something else: the content is not to come before what both come after.
 */
function compareCopy(state: SdsState, message: SdsMessage): void {
  const { parked } = state
  const { messageId, causalHistory } = message
  if (!isCopy(state, message, parked.entryOf(messageId)!)) return
  const narrowed = parked.narrow(messageId, causalHistory)
  if (narrowed !== undefined) storeEntry(state, narrowed)
}

/**
 * Whether a message is what is here by its id, rather than another that took the id: of another author, or with another
 * content. That is told; what came first stays.
 */
function isCopy(state: SdsState, { messageId, senderId, content }: SdsMessage, held: LogEntry): boolean {
  const { settings, unacknowledged } = state
  // Not every implementation names the author.
  const isHis = held.senderId === senderId || senderId === '' || held.senderId === ''
  if (isHis && (held.content === undefined || equalBytes(held.content, content!))) return true
  report(state, { type: 'equivocation', messageId, held: saidIn(held), other: saidIn({ senderId, content }) })
  if (!isHis && held.senderId === settings.participantId) unacknowledged.contest(messageId)
  return false
}

const saidIn = ({ senderId, content }: Pick<LogFields, 'senderId' | 'content'>): ContentOf => ({
  senderId,
  content: content && new Uint8Array(content),
})

/** Somebody is there. A sync message with a filter was made now: it is no copy, which has the time of the first, nor another's. */
function hear(state: SdsState, message: SdsMessage, now: number): void {
  const { group, lifetime, heardMembers, settings } = state
  const { senderId, lamport, sentAt = now, bloomFilter, repairRequest } = message
  const asks = repairRequest.length > 0
  if (lamport === undefined) heardMembers.hear(senderId, Number(sentAt), asks, now)
  // What others repair has no filter.
  else if (bloomFilter !== undefined) {
    heardMembers.hear(senderId, msOfLamport(lamport), asks, now)
    expectOf(state, senderId, state.ownLog.newest, now)
  }
  if (group.hear(message.senderId, now)) {
    askNewlyHeard(state, message.senderId, now)
    planSearch(state, now)
  }
  if (!lifetime.isNewcomer || lamport === undefined) return
  lifetime.hear(msOfLamport(lamport), bloomFilter && kindOf(message), now, settings.maxFutureSkewMs)
}

/**
 * Whether it is another repair of what was left as from before this participant's time: that is late, whatever it comes
 * after, and nobody needs to look for what came before it. Its author, who sends with a filter, is still waited for.
 */
function isPastAgain(state: SdsState, message: SdsMessage): boolean {
  if (message.bloomFilter !== undefined) return false
  const before = state.met.get(message.messageId)
  return before?.reason === 'waived' && before.senderId === undefined && isPast(state, message)
}

/** The causal history as it is kept. */
function keptHistory(
  { messageId, causalHistory }: SdsMessage,
  maxHintLength: number,
): readonly HistoryEntry[] {
  const isKept = (before: HistoryEntry): boolean =>
    before.retrievalHint === undefined && before.messageId !== messageId
  if (causalHistory.every(isKept)) return causalHistory
  return causalHistory
    .filter((before) => before.messageId !== messageId)
    .map((before) => owned(before, maxHintLength))
}

/**
 * An entry that does not hold on to the bytes it came in. A hint that is too long would make every message that asks for
 * the entry too large.
 */
function owned(entry: HistoryEntry, maxHintLength: number): HistoryEntry {
  const { messageId, retrievalHint, senderId } = entry
  if (retrievalHint === undefined) return entry
  const hint = retrievalHint.length <= maxHintLength ? retrievalHint.slice() : undefined
  return { messageId, retrievalHint: hint, senderId }
}

/** A message that somebody else than its sender names needs no acknowledgement from here any more, if one is enough. */
function noteAcknowledgedByOthers({ owed, settings }: SdsState, message: SdsMessage): void {
  if (owed.size === 0 || settings.acknowledge === 'each') return
  for (const { messageId } of message.causalHistory) {
    const sender = owed.senderOf(messageId)
    if (sender !== undefined && sender !== message.senderId) owed.delete(messageId)
  }
}
