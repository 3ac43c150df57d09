import { type SdsState, report } from '../state.ts'
import type { HistoryEntry } from '../wire/message.ts'

/**
 * The newest so many of the messages that were given up are looked for at a time.
 * @limit Older ones are not asked for again; should they come, they are delivered.
 */
const MOST_SEARCHED = 64

/** Something leaves again, or somebody is heard again: perhaps what was given up can be had now. */
export function planSearch({ met, search }: SdsState, now: number): void {
  if (met.lostCount > 0) search.plan(now)
}

/** Asks once more for messages that were given up. Nothing waits for them; one that comes is delivered, flagged late. */
export function searchAgain(state: SdsState, now: number): void {
  const { met, missing, parked, repairRequests, search } = state
  const entries: HistoryEntry[] = []
  for (const entry of met.newestLost(MOST_SEARCHED)) {
    if (missing.has(entry.messageId) || parked.has(entry.messageId)) continue
    if (!missing.hasRoomFor(1)) break
    repairRequests.schedule(missing.seek(entry, now), now)
    entries.push(entry)
  }
  if (entries.length === 0) return
  search.begin(now)
  report(state, { type: 'missing', entries, dependent: entries[0]!.messageId })
}
