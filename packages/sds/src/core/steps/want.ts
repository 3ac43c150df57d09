import type { WantedMessage } from '../input.ts'
import { type SdsState, report } from '../state.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { findMissing } from './park.ts'
import { addMet, forgetEntry, storeMissing } from './store.ts'

/**
 * Asks for messages that were refused, or of which the history has forgotten the content. Nothing waits for them that does
 * not name them.
 */
export function want(state: SdsState, messages: readonly WantedMessage[], now: number): void {
  const { history, missing, parked, repairRequests, settings } = state
  unlearn(
    state,
    messages.filter(({ messageId }) => history.get(messageId)?.content === undefined),
  )
  const again: HistoryEntry[] = []
  missing.noteNamedBySyncOnly()
  for (const { messageId, senderId } of messages) {
    if (history.has(messageId) || parked.has(messageId)) continue
    const retrievalHint = settings.retrievalHint(messageId)
    const entry = { messageId, senderId, ...(retrievalHint && { retrievalHint }) }
    const known = missing.get(messageId)
    if (known !== undefined) {
      repairRequests.schedule(known, now)
      again.push(entry)
      continue
    }
    if (!missing.hasRoomFor(1)) {
      report(state, { type: 'limit', limit: 'maxMissing', messageId })
      break
    }
    for (const one of findMissing(state, [entry], { messageId, senderId }, now))
      storeMissing(state, one, messageId, senderId)
  }
  if (again.length > 0) report(state, { type: 'missing', entries: again, dependent: again[0]!.messageId })
}

/** Messages that were delivered are of no use to whoever got them: their authors are not to think that they are here. */
export function disown(state: SdsState, messageIds: readonly string[]): void {
  const ids = unlearn(
    state,
    messageIds.map((messageId) => ({ messageId })),
  )
  // What comes after them does not wait for them. By nobody's word, so that no filter has them.
  for (const messageId of ids) addMet(state, messageId, 'waived')
}

/** Forgets that messages of others were here. Returns the ids of those that were. */
function unlearn(state: SdsState, messages: readonly { readonly messageId: string }[]): string[] {
  const { history, filter, owed, settings } = state
  const ids: string[] = []
  for (const { messageId } of messages) {
    const name = history.nameOf(messageId)
    if (name === undefined || name.senderId === settings.participantId) continue
    forgetEntry(state, history.remove(messageId)!)
    owed.delete(messageId)
    ids.push(messageId)
  }
  if (ids.length > 0) filter.remove(ids)
  return ids
}
