import type { HistoryEntry, SdsMessage } from '../wire/message.ts'

/** The causal history as it is kept. */
export function keptHistory(
  { messageId, causalHistory }: SdsMessage,
  maxHintLength: number,
): readonly HistoryEntry[] {
  const isKept = (before: HistoryEntry): boolean =>
    before.retrievalHint === undefined && before.messageId !== messageId
  if (causalHistory.every(isKept)) return causalHistory
  return causalHistory
    .filter((before) => before.messageId !== messageId)
    .map((before) => ownedEntry(before, maxHintLength))
}

/**
 * An entry that does not hold on to the bytes it came in. A hint that is too long would make every message that asks for
 * the entry too large.
 */
export function ownedEntry(entry: HistoryEntry, maxHintLength: number): HistoryEntry {
  const { messageId, retrievalHint, senderId } = entry
  if (retrievalHint === undefined) return entry
  const hint = retrievalHint.length <= maxHintLength ? retrievalHint.slice() : undefined
  return { messageId, retrievalHint: hint, senderId }
}
