import type { ContentOf } from '../event.ts'
import type { LogEntry, LogFields } from '../history/log-entry.ts'
import type { SdsMessage } from '../wire/message.ts'
import { type SdsState, report } from '../state.ts'
import { storeEntry } from './store.ts'
import { equalBytes } from '@reliable-channels/wire'

/**
 * A copy of a message that waits. Where ids are hashes of contents, it may be another message that says the same, and comes
 * after something else: the content is not to come before what both come after.
 */
export function compareCopy(state: SdsState, message: SdsMessage): void {
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
export function isCopy(
  state: SdsState,
  { messageId, senderId, content }: SdsMessage,
  held: LogEntry,
): boolean {
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
