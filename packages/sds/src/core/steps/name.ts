import type { LogName } from '../history/log-entry.ts'
import type { HistoryEntry } from '../wire/message.ts'
import type { WaitingMessage } from '../parts/unreleased.ts'
import type { SdsState } from '../state.ts'
import { frontierBefore } from './overtake.ts'

/** How a message is named in a causal history. */
export const nameOf = (state: SdsState, { named }: LogName): HistoryEntry => withHint(state, named)

/** An entry with its retrieval hint, if it has one by now. */
export function withHint(state: SdsState, entry: HistoryEntry): HistoryEntry {
  const retrievalHint = state.settings.retrievalHint(entry.messageId)
  return retrievalHint === undefined ? entry : { ...entry, retrievalHint }
}

/**
 * The causal history of the next message, which leaves before those that it overtakes. Messages of a group name, besides,
 * those that the first of the group came after: so that whoever can do without some of them still knows what the rest
 * depends on.
 */
export function causalHistoryOf(
  state: SdsState,
  group: string | undefined,
  overtaken: readonly WaitingMessage[] | undefined,
): readonly HistoryEntry[] {
  const { settings, history, ownLog } = state
  const frontier =
    overtaken === undefined
      ? history.frontier(settings.causalHistoryLength, settings.maxHeads, ownLog.latest())
      : frontierBefore(state, overtaken)
  const newest = frontier.map((before) => nameOf(state, before))
  const after = state.ownLog.joinGroup(group, newest)
  if (after === undefined) return newest
  const named = new Set(newest.map(({ messageId }) => messageId))
  return [...after.filter(({ messageId }) => !named.has(messageId)), ...newest]
}
