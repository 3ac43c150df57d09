import type { Frame } from '@reliable-channels/stage'
import { encodeMessage } from './codec.ts'
import type { RejectReason } from './event.ts'
import type { SdsInput } from './input.ts'
import { type Lamport, afterLamport, laterLamport } from './lamport.ts'
import { LogEntry } from './log-entry.ts'
import type { HistoryEntry, SdsMessage } from './message.ts'
import { messageIdOf, nextNanoseconds } from './message-id.ts'
import type { OutgoingMessage } from './outgoing.ts'
import { takeRequests } from './requesting.ts'
import { shortenSilence } from './silence.ts'
import { type SdsState, report } from './state.ts'
import { addMet, forgetEntry, forgetOutgoing, storeClock, storeEntry, storeOutgoing } from './storing.ts'
import { armRetransmission } from './timing.ts'

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
export function nameOf(state: SdsState, { named }: LogEntry): HistoryEntry {
  const retrievalHint = state.settings.retrievalHint(named.messageId)
  return retrievalHint === undefined ? named : { ...named, retrievalHint }
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
  const entry = new LogEntry({
    sequence: state.sequence++,
    messageId: newMessageId(state, content, now),
    senderId: settings.participantId,
    lamport: advanceLamport(state, now),
    causalHistory: causalHistoryOf(state, group),
    content: state.contents.keep(content),
  })
  const { messageId } = entry
  const repairRequest = takeRequests(state, messageId, now)
  const payload = encodeWithFilter(state, entry, content, repairRequest)
  state.history.insert(entry)
  const hashes = state.filter.insert(entry.messageId)
  const message = outgoing.add(entry, entry.content!, { ephemeral, hashes })
  message.says = entry.causalHistory
    .filter((named) => state.toAcknowledge.delete(named.messageId))
    .map((named) => named.messageId)
  state.lastSpokeAt = now
  shortenSilence(state)
  state.wraps++
  state.recent.push({ messageId, wrap: state.wraps })
  if (state.recent.length > 1_000) state.recent.shift()
  storeEntry(state, entry)
  storeOutgoing(state, message)
  storeClock(state)
  state.outputs.push({ type: 'wrapped', lane, frame, payload, messageId })
  copyMade(state, message, now)
  if (message.onTheWay && message.says.length > 0) {
    message.timer = state.timers.add(now + settings.acknowledgeWithinMs, { type: 'unsay', message })
  }
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
  state.outputs.push({ type: 'wrapped', lane, frame, payload, messageId })
}

/** An entry as it is sent by its author: with the filter as it is now, and requests. */
function encodeWithFilter(
  state: SdsState,
  entry: LogEntry,
  content: Uint8Array,
  repairRequest: readonly HistoryEntry[],
): Uint8Array {
  const { messageId, senderId, lamport, causalHistory } = entry
  const { channelId, dialect } = state.settings
  const bloomFilter = state.filter.toWire()
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
  outcome: 'dispatched' | 'failed',
  now: number,
): void {
  const first = !message.left
  message.onTheWay = false
  message.left = true
  message.dispatchedAt = now
  if (first) storeOutgoing(state, message)
  armRetransmission(state, message)
  if (outcome === 'failed') unsay(state, message)
  message.says = undefined
}

/** What a message that waits, or did not leave, would have acknowledged is still to be acknowledged. */
export function unsay(state: SdsState, message: OutgoingMessage): void {
  for (const messageId of message.says ?? []) {
    const entry = state.history.get(messageId)
    if (entry !== undefined) state.toAcknowledge.set(messageId, entry.senderId)
  }
  message.says = undefined
}

/** Sends an unacknowledged message again, or gives it up. LIP-109, "Periodic Outgoing Buffer Sweep". */
export function retransmit(state: SdsState, message: OutgoingMessage, now: number): void {
  const { settings } = state
  const { entry } = message
  state.lastSpokeAt = now
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
  if (message.left) message.retransmissions++
  const requests = takeRequests(state, entry.messageId, now)
  const payload = encodeWithFilter(state, entry, message.content, requests)
  storeOutgoing(state, message)
  state.outputs.push({
    type: 'traffic',
    frame: {
      payload,
      messageId: entry.messageId,
      kind: 'retransmission',
      priority: 'normal',
      ephemeral: message.ephemeral,
    },
  })
  report(state, {
    type: 'retransmitted',
    messageId: entry.messageId,
    retransmissions: message.retransmissions,
  })
  state.referredWraps = state.wraps
  copyMade(state, message, now)
}

/**
 * Takes back messages that never left: the newest ones, if nothing else can refer to them. Returns whether it did.
 */
export function abandon(state: SdsState, messageIds: readonly string[]): boolean {
  const { recent, outgoing, history, filter } = state
  const count = messageIds.length
  if (count === 0 || count > recent.length) return false
  const tail = recent.slice(-count)
  const ids = new Set(messageIds)
  if (ids.size !== count) return false
  for (const { messageId, wrap: number } of tail) {
    if (!ids.has(messageId) || number <= state.referredWraps) return false
    const message = outgoing.get(messageId)
    if (message === undefined || message.left || message.hitCount > 0) return false
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
  filter.remove(messageIds)
  recent.length -= count
  return true
}

/** Remembers the id of a message that leaves no other trace, and whose it is. */
export const remember = (state: SdsState, messageId: string, senderId: string): void =>
  addMet(state, messageId, 'sync', senderId)
