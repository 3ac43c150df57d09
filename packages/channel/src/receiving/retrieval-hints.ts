import type { Change, Entry } from '@reliable-channels/store'

/** Hashes of the network messages that carried SDS messages: where others can fetch them (LIP-109, retrieval hint). */
export interface RetrievalHints {
  get(messageId: string): Uint8Array | undefined
  /** Remembers a hash; returns what to store. */
  set(messageId: string, hash: string): readonly Change[]
}

/** Hints kept; only the newest messages stand in causal histories, so the oldest go first. */
const MAX_HINTS = 2048

/** Makes the memory of hints; `restore` holds what it stored before. */
export function createRetrievalHints(restore: Iterable<Entry> = []): RetrievalHints {
  const hints = new Map<string, Uint8Array>()
  for (const { key, value } of restore) hints.set(key, value)
  return {
    get: (messageId) => hints.get(messageId),
    set(messageId, hash) {
      const bytes = fromHex(hash)
      if (bytes === undefined || hints.has(messageId)) return []
      const changes: Change[] = [{ key: messageId, value: bytes }]
      if (hints.size >= MAX_HINTS) {
        const oldest = hints.keys().next().value!
        hints.delete(oldest)
        changes.push({ key: oldest, value: undefined })
      }
      hints.set(messageId, bytes)
      return changes
    },
  }
}

/** Lower-case hexadecimal of a hint, as the transport's `fetch` takes it. */
export function hashOfHint(hint: Uint8Array): string {
  return Array.from(hint, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2}){1,64}$/.test(text)) return undefined
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16))
}
