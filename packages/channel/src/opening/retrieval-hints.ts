import { SparseMap } from '@reliable-channels/stage/core'
import type { Change, Entry } from '@reliable-channels/store'
import { parseHex } from '@reliable-channels/wire'
import { UNREADABLE } from '../core/record.ts'

/** Hashes of the network messages that carried SDS messages: where others can fetch them (LIP-109, retrieval hint). */
export interface RetrievalHints {
  get(messageId: string): Uint8Array | undefined
  /** A message leaves under this hash, and may leave under another later. Until then this one is its hint. */
  leaving(messageId: string, hash: string): void
  /** The network has a message under this hash; returns what to store. Of several the first counts. */
  set(messageId: string, hash: string): readonly Change[]
}

/** Hints kept, and as many of messages that leave; only the newest stand in causal histories. @limit The oldest goes. */
const MAX_HINTS = 2048

/** Bytes of a hint. @limit A longer hash is no hint. */
const MAX_HINT_BYTES = 64

/** Makes the memory of hints; `restore` holds what it stored before. */
export function createRetrievalHints(
  restore: Iterable<Entry> = [],
  onCorrupt?: (key: string, reason: string) => void,
): RetrievalHints {
  const hints = new SparseMap<string, Uint8Array>()
  const leaving = new SparseMap<string, Uint8Array>()
  // Kept and reused: a new iterator would pass over all deleted entries again.
  let oldest: MapIterator<string> | undefined
  for (const { key, value } of restore) {
    if (value.length > 0 && value.length <= MAX_HINT_BYTES) hints.set(key, value)
    else onCorrupt?.(key, UNREADABLE)
  }
  return {
    get: (messageId) => hints.get(messageId) ?? leaving.get(messageId),
    leaving(messageId, hash) {
      const bytes = hints.has(messageId) ? undefined : hintOf(hash)
      if (bytes === undefined) return
      leaving.delete(messageId)
      leaving.set(messageId, bytes)
      if (leaving.size > MAX_HINTS) leaving.delete(leaving.keys().next().value!)
    },
    set(messageId, hash) {
      const bytes = hints.has(messageId) ? undefined : hintOf(hash)
      if (bytes === undefined) return []
      leaving.delete(messageId)
      hints.set(messageId, bytes)
      const changes: Change[] = [{ key: messageId, value: bytes }]
      if (hints.size > MAX_HINTS) {
        oldest ??= hints.keys()
        const key = oldest.next().value!
        hints.delete(key)
        changes.push({ key, value: undefined })
      }
      // Ids of peers that send no UTF-8 are no keys: their hints last as long as the process.
      return changes.filter(({ key }) => key.isWellFormed())
    },
  }
}

function hintOf(hash: string): Uint8Array | undefined {
  if (hash.length > 2 * MAX_HINT_BYTES) return undefined
  const bytes = parseHex(hash)
  return bytes === undefined || bytes.length === 0 ? undefined : bytes
}
