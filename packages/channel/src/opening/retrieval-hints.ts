import type { Change, Entry } from '@reliable-channels/store'
import { parseHex } from '@reliable-channels/wire'

/** Hashes of the network messages that carried SDS messages: where others can fetch them (LIP-109, retrieval hint). */
export interface RetrievalHints {
  get(messageId: string): Uint8Array | undefined
  /** Remembers a hash; returns what to store. */
  set(messageId: string, hash: string): readonly Change[]
}

/** Hints kept; only the newest messages stand in causal histories. @limit The oldest goes. */
const MAX_HINTS = 2048

/** Bytes of a hint. @limit A longer hash is no hint. */
const MAX_HINT_BYTES = 64

/** Makes the memory of hints; `restore` holds what it stored before. */
export function createRetrievalHints(restore: Iterable<Entry> = []): RetrievalHints {
  const hints = new Map<string, Uint8Array>()
  // It stays where it is: a new one would pass over all that was deleted before.
  const oldest = hints.keys()
  for (const { key, value } of restore) hints.set(key, value)
  return {
    get: (messageId) => hints.get(messageId),
    set(messageId, hash) {
      if (hash.length > 2 * MAX_HINT_BYTES || hints.has(messageId)) return []
      const bytes = parseHex(hash)
      if (bytes === undefined || bytes.length === 0) return []
      hints.set(messageId, bytes)
      const changes: Change[] = [{ key: messageId, value: bytes }]
      if (hints.size > MAX_HINTS) {
        const key = oldest.next().value!
        hints.delete(key)
        changes.push({ key, value: undefined })
      }
      return changes
    },
  }
}
