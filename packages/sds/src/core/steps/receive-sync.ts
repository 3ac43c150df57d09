import { isMet, pass } from './met.ts'
import { findMissing } from './park.ts'
import type { SdsMessage } from '../wire/message.ts'
import { type SdsState, report } from '../state.ts'
import { storeMissing } from './store.ts'
import { ownedEntry } from './kept-history.ts'

/** A sync message acknowledges, asks, and tells what exists; it is not kept. LIP-109, "Periodic Sync Message". */
export function receiveSync(state: SdsState, message: SdsMessage, own: boolean, now: number): void {
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
  const kept = missing.map((entry) => ownedEntry(entry, state.settings.maxHintLength))
  state.missing.noteNamedBySyncOnly()
  for (const one of findMissing(state, kept, message, now)) {
    if (one.waiting.length === 0) storeMissing(state, one, messageId, senderId)
  }
}

/** Whether a sync message says what a periodic one of this participant would: it knows of the newest message. */
export function speaksFor({ history }: SdsState, { causalHistory }: SdsMessage): boolean {
  const [newest] = history.last(1)
  return newest === undefined || causalHistory.some(({ messageId }) => messageId === newest.messageId)
}
