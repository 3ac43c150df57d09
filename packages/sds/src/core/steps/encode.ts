import { encodeMessage } from '../wire/codec.ts'
import type { LogEntry } from '../history/log-entry.ts'
import type { SdsMessage } from '../wire/message.ts'
import { takeRequests } from './request.ts'
import { withHint } from './name.ts'
import type { OwnMessage } from '../parts/unreleased.ts'
import type { SdsState } from '../state.ts'
import { filterSuffices } from './pace.ts'

/** Encodes own content that leaves now; `undefined` if that was done before. */
export function encodeContent(
  state: SdsState,
  messageId: string,
  now: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { unacknowledged, unreleased, copies, owed } = state
  const message = unreleased.take(messageId)
  if (message === undefined) return undefined
  const outgoing = unacknowledged.get(messageId)
  if (outgoing !== undefined) copies.made(outgoing, owed.arrivals, now)
  state.arrivals.sent(now)
  const payload = encodeOwn(state, withHints(state, message), now)
  // Not before: what waits is nothing that others could know of, and each filter is to differ from the one before.
  state.filter.insert(messageId)
  return payload
}

/** Adds hints: messages that it names may have left only since it was written, and have a hint only since then. */
function withHints(state: SdsState, message: OwnMessage): OwnMessage {
  return { ...message, causalHistory: message.causalHistory.map((entry) => withHint(state, entry)) }
}

/** An own message that leaves now: with the filter and the requests of this moment. */
export function encodeOwn(
  state: SdsState,
  { messageId, lamport, causalHistory, content }: OwnMessage,
  now: number,
): Uint8Array<ArrayBuffer> {
  const { participantId: senderId, channelId, dialect } = state.settings
  const repairRequest = takeRequests(state, messageId, now)
  const bloomFilter = state.filter.toWire()
  state.silence.spoken(now)
  state.silence.shorten()
  state.turns.spoken(now)
  if (filterSuffices(state)) state.syncPlan.filterSaid()
  return encodeMessage(
    { messageId, senderId, channelId, lamport, causalHistory, bloomFilter, repairRequest, content },
    dialect,
  )
}

/** An own message that leaves again: with the filter, the hints and the requests of this moment. */
export function encodeAgain(state: SdsState, entry: LogEntry, now: number): Uint8Array<ArrayBuffer> {
  const { messageId, lamport, causalHistory, content } = entry
  return encodeOwn(state, withHints(state, { messageId, lamport, causalHistory, content: content! }), now)
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
