import type { Frame } from '@reliable-channels/stage'
import { encodeMessage } from './wire/codec.ts'
import type { RejectReason } from './event.ts'
import type { DispatchOutcome, SdsInput } from './input.ts'
import { type Lamport, afterLamport, laterLamport } from './wire/lamport.ts'
import { LogEntry, type LogName } from './history/log-entry.ts'
import type { HistoryEntry, SdsMessage } from './wire/message.ts'
import { messageIdOf, nextNanoseconds } from './wire/message-id.ts'
import type { OutgoingMessage } from './outgoing.ts'
import { takeRequests } from './requesting.ts'
import { shortenSilence } from './silence.ts'
import { type OwnMessage, type SdsState, report } from './state.ts'
import { addMet, forgetEntry, forgetOutgoing, storeClock, storeEntry, storeOutgoing } from './storing.ts'
import { armRetransmission, filterSuffices, isRetransmissionDue } from './timing.ts'
import { putOut } from './traffic.ts'

/** A new unique message id. */
export function newMessageId(state: SdsState, content: Uint8Array, now: number): string {
  state.lastId = nextNanoseconds(now, state.settings.random(), state.lastId)
  return messageIdOf(state.participantBytes, state.lastId, content)
}

/** Moves the Lamport clock on for a message to be sent. LIP-109, "Send Message"; nim-sds counts in seconds. */
export function advanceLamport(state: SdsState, now: number): Lamport {
  const { lamport, settings } = state
  const next =
    settings.dialect === 'lip'
      ? laterLamport(Math.floor(now), afterLamport(credible(lamport, now, settings.maxFutureSkewMs)))
      : afterLamport(laterLamport(Math.floor(now / 1000), lamport))
  state.lamport = next
  return next
}

/**
 * A timestamp as others will take it from us. One that is as far ahead as they accept would be too far with the next
 * message, or by a clock that is behind ours: a liar, or a clock that was wrong for a day, would silence us.
 */
function credible(lamport: Lamport, now: number, maxFutureSkewMs: number): Lamport {
  const most = Math.floor(now + maxFutureSkewMs / 2)
  return lamport > most ? most : lamport
}

/** How a message is named in a causal history. */
export const nameOf = (state: SdsState, { named }: LogName): HistoryEntry => withHint(state, named)

function withHint(state: SdsState, entry: HistoryEntry): HistoryEntry {
  const retrievalHint = state.settings.retrievalHint(entry.messageId)
  return retrievalHint === undefined ? entry : { ...entry, retrievalHint }
}

/**
 * What the next message comes after. Messages of a group name, besides, what the first of it came after: so that
 * whoever can do without some of them still knows what the rest depends on.
 */
function causalHistoryOf(state: SdsState, group: string | undefined): readonly HistoryEntry[] {
  const { settings, history } = state
  const newest = history
    .frontier(settings.causalHistoryLength, settings.maxHeads)
    .map((before) => nameOf(state, before))
  if (group === undefined || state.group?.name !== group) {
    state.group = group === undefined ? undefined : { name: group, after: newest }
    return newest
  }
  const named = new Set(newest.map(({ messageId }) => messageId))
  return [...state.group.after.filter(({ messageId }) => !named.has(messageId)), ...newest]
}

/** Makes an SDS message of content and puts it out. LIP-109, "Send Message" and "Ephemeral Messages". */
export function wrap(
  state: SdsState,
  { frame, ephemeral = false, group, lane }: Extract<SdsInput, { type: 'wrap' }>,
  now: number,
): void {
  const { settings, outgoing } = state
  const content = frame.payload
  const refuse = (reason: RejectReason, detail: string): void =>
    report(state, { type: 'rejected', reason, detail, frame })
  if (content.length === 0) return refuse('empty-content', 'an empty message would be a sync message')
  if (content.length > settings.maxMessageBytes) {
    return refuse('malformed', `${content.length} bytes of content, more than ${settings.maxMessageBytes}`)
  }
  if (ephemeral && settings.dialect === 'lip') return wrapEphemeral(state, frame, lane, now)
  if (outgoing.size >= settings.maxOutgoing) {
    return refuse('outgoing-full', `${outgoing.size} messages are unacknowledged`)
  }
  if (outgoing.bytes + content.length > settings.maxOutgoingBytes) {
    return refuse('outgoing-full', `${outgoing.bytes} bytes are unacknowledged`)
  }
  const messageId = newMessageId(state, content, now)
  const lamport = advanceLamport(state, now)
  const causalHistory = causalHistoryOf(state, group)
  const kept = state.contents.keep(content)
  const own = {
    sequence: state.sequence++,
    messageId,
    senderId: settings.participantId,
    lamport,
    causalHistory,
    content: kept,
  }
  let payload = content
  let hashes: Uint32Array | undefined
  if (settings.encoding === 'at-once') {
    payload = encodeOwn(state, own, now)
    hashes = state.filter.insert(messageId)
  } else state.unencoded.set(messageId, own)
  state.history.insert(own)
  const message = outgoing.add(new LogEntry(own), kept, { ephemeral, number: ++state.wraps, hashes })
  message.says = settled(state, causalHistory)
  storeEntry(state, own)
  storeOutgoing(state, message)
  storeClock(state)
  const output = { type: 'wrapped', lane, frame, payload, messageId } as const
  if (settings.encoding === 'at-once') state.outputs.push(output)
  else state.outputs.push({ ...output, wanted: () => state.unencoded.has(messageId) })
  copyMade(state, message, now)
  if (message.onTheWay && message.says !== undefined) {
    message.timer = state.timers.add(now + settings.acknowledgeWithinMs, { type: 'unsay', message })
  }
}

/** What a message that names `causalHistory` acknowledges: it is no longer owed. */
function settled(
  { toAcknowledge }: SdsState,
  causalHistory: readonly HistoryEntry[],
): readonly string[] | undefined {
  if (toAcknowledge.size === 0) return undefined
  const ids: string[] = []
  for (const { messageId } of causalHistory) if (toAcknowledge.delete(messageId)) ids.push(messageId)
  return ids.length === 0 ? undefined : ids
}

function wrapEphemeral(state: SdsState, frame: Frame, lane: object | undefined, now: number): void {
  const { settings } = state
  const messageId = newMessageId(state, frame.payload, now)
  const payload = encodeMessage(
    {
      messageId,
      senderId: settings.participantId,
      channelId: settings.channelId,
      causalHistory: [],
      repairRequest: [],
      content: frame.payload,
    },
    settings.dialect,
  )
  storeClock(state)
  if (settings.encoding === 'at-release') state.untracked.add(messageId)
  state.outputs.push({ type: 'wrapped', lane, frame, payload, messageId })
}

/** Encodes own content that leaves now; `undefined` if that was done before. */
export function encodeContent(state: SdsState, messageId: string, now: number): Uint8Array | undefined {
  const message = state.unencoded.get(messageId)
  if (message === undefined) return undefined
  state.unencoded.delete(messageId)
  const outgoing = state.outgoing.get(messageId)
  if (outgoing !== undefined) outgoing.filterKnows = state.toAcknowledge.arrivals
  const payload = encodeOwn(state, withHints(state, message), now)
  // Not before: what waits is nothing that others could know of, and each filter is to differ from the one before.
  state.filter.insert(messageId)
  return payload
}

/** What it names may have left only since it was written, and has a hint only since then. */
function withHints(state: SdsState, message: OwnMessage): OwnMessage {
  return { ...message, causalHistory: message.causalHistory.map((entry) => withHint(state, entry)) }
}

/** An own message that leaves now: with the filter and the requests of this moment. */
function encodeOwn(
  state: SdsState,
  { messageId, lamport, causalHistory, content }: OwnMessage,
  now: number,
): Uint8Array {
  const { participantId: senderId, channelId, dialect } = state.settings
  const repairRequest = takeRequests(state, messageId, now)
  const bloomFilter = state.filter.toWire()
  state.lastSpokeAt = now
  shortenSilence(state)
  if (filterSuffices(state)) state.filterNews = false
  return encodeMessage(
    { messageId, senderId, channelId, lamport, causalHistory, bloomFilter, repairRequest, content },
    dialect,
  )
}

/** The message of a log entry, with neither filter nor requests: what identifies it is the same each time. */
export function messageOf(state: SdsState, entry: LogEntry): SdsMessage {
  return {
    messageId: entry.messageId,
    senderId: entry.senderId,
    channelId: state.settings.channelId,
    lamport: entry.lamport,
    causalHistory: entry.causalHistory,
    repairRequest: [],
    content: entry.content,
  }
}

/** A copy of a message was put out: its timer starts now, or when its dispatch is reported. */
export function copyMade(state: SdsState, message: OutgoingMessage, now: number): void {
  if (state.reported) {
    state.timers.remove(message.timer)
    message.onTheWay = true
  } else dispatched(state, message, 'dispatched', now)
}

/** A copy of a message was dispatched, or that was tried. */
export function dispatched(
  state: SdsState,
  message: OutgoingMessage,
  outcome: DispatchOutcome,
  now: number,
): void {
  const first = !message.left
  message.onTheWay = false
  message.left = true
  message.dispatchedAt = now
  if (first) storeOutgoing(state, message)
  armRetransmission(state, message)
  if (outcome === 'failed') {
    if (state.unencoded.delete(message.entry.messageId)) state.filter.insert(message.entry.messageId)
    unsay(state, message)
  } else if (filterSuffices(state)) state.toAcknowledge.filterLeft(message.filterKnows)
  message.says = undefined
}

/** What a message that waits, or did not leave, would have acknowledged is still to be acknowledged. */
export function unsay(state: SdsState, message: OutgoingMessage): void {
  for (const messageId of message.says ?? []) {
    const entry = state.history.nameOf(messageId)
    if (entry !== undefined) state.toAcknowledge.addOverdue(messageId, entry.senderId, state.lastNow)
  }
  message.says = undefined
}

/** Sends an unacknowledged message again, or gives it up. LIP-109, "Periodic Outgoing Buffer Sweep". */
export function retransmit(state: SdsState, message: OutgoingMessage, now: number): void {
  const { settings } = state
  const { entry, ephemeral } = message
  if (message.retransmissions >= settings.maxRetransmissions && message.left) {
    state.outgoing.remove(message)
    forgetOutgoing(state, entry)
    if (!state.history.has(entry.messageId)) forgetEntry(state, entry)
    report(state, {
      type: 'delivery-failed',
      messageId: entry.messageId,
      retransmissions: message.retransmissions,
    })
    return
  }
  const { messageId } = entry
  putOut(
    state,
    { messageId, kind: 'retransmission', priority: 'normal', ephemeral },
    () => encodeRetransmission(state, messageId, now),
    (at) => state.outgoing.get(messageId) === message && isRetransmissionDue(state, message, at),
  )
  copyMade(state, message, now)
}

/** Encodes a message that is sent again, unless somebody has it by now. */
export function encodeRetransmission(
  state: SdsState,
  messageId: string,
  now: number,
): Uint8Array | undefined {
  const message = state.outgoing.get(messageId)
  if (message === undefined) return undefined
  if (message.left) message.retransmissions++
  message.filterKnows = state.toAcknowledge.arrivals
  storeOutgoing(state, message)
  state.referredWraps = state.wraps
  report(state, { type: 'retransmitted', messageId, retransmissions: message.retransmissions })
  const { lamport, causalHistory } = message.entry
  return encodeOwn(
    state,
    withHints(state, { messageId, lamport, causalHistory, content: message.content }),
    now,
  )
}

/** A retransmission was not needed when it might have left. */
export function retransmissionWithdrawn(state: SdsState, messageId: string): void {
  const message = state.outgoing.get(messageId)
  if (message === undefined || !message.onTheWay) return
  message.onTheWay = false
  armRetransmission(state, message)
}

/**
 * Takes back messages that never left: the newest ones, if nothing else can refer to them. Returns whether it did.
 */
export function abandon(state: SdsState, messageIds: readonly string[]): boolean {
  const { outgoing, history, filter } = state
  const count = new Set(messageIds).size
  if (count === 0 || count !== messageIds.length) return false
  // The numbers of the newest so many are these.
  const after = Math.max(state.wraps - count, state.referredWraps)
  for (const messageId of messageIds) {
    const message = outgoing.get(messageId)
    if (message === undefined || message.number <= after) return false
    if (message.left || message.hitCount > 0) return false
  }
  for (const messageId of messageIds) {
    const message = outgoing.get(messageId)!
    state.timers.remove(message.timer)
    unsay(state, message)
    outgoing.remove(message)
    history.remove(messageId)
    forgetOutgoing(state, message.entry)
    forgetEntry(state, message.entry)
  }
  const inFilter = messageIds.filter((messageId) => !state.unencoded.delete(messageId))
  if (inFilter.length > 0) filter.remove(inFilter)
  state.wraps -= count
  return true
}

/** Remembers the id of a message that leaves no other trace, and whose it is. */
export const remember = (state: SdsState, messageId: string, senderId: string): void =>
  addMet(state, messageId, 'sync', senderId)
