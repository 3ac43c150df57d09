import { type Lamport, afterLamport, laterLamport } from '../wire/lamport.ts'
import type { LogName } from '../history/log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { messageIdOf, nextNanoseconds } from '../wire/message-id.ts'
import type { SdsState } from '../state.ts'

/* What a new message is known by: its id, its timestamp and what it comes after. */

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

/** An entry with its retrieval hint, if it has one by now. */
export function withHint(state: SdsState, entry: HistoryEntry): HistoryEntry {
  const retrievalHint = state.settings.retrievalHint(entry.messageId)
  return retrievalHint === undefined ? entry : { ...entry, retrievalHint }
}

/**
 * What the next message comes after. Messages of a group name, besides, what the first of it came after: so that
 * whoever can do without some of them still knows what the rest depends on.
 */
export function causalHistoryOf(state: SdsState, group: string | undefined): readonly HistoryEntry[] {
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
