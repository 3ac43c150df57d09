import type { Wanted } from '../parts/repair-requests.ts'
import { type SdsState, report } from '../state.ts'
import type { HistoryEntry } from '../wire/message.ts'

/** The requests to put into a message that leaves now. */
export function takeRequests(state: SdsState, carrierId: string, now: number): HistoryEntry[] {
  state.repairRequests.collect(now)
  const taken = state.repairRequests.choose()
  // They go with what leaves anyway.
  requested(state, taken, carrierId, 0, now)
  return taken.map(({ entry }) => entry)
}

/** Requests left, for which so many bytes were spent; each is made again after another wait. */
export function requested(
  state: SdsState,
  all: readonly Wanted[],
  carrierId: string,
  bytes: number,
  now: number,
): void {
  if (all.length === 0) return
  const stillMissing = all.filter((wanted) => state.missing.get(wanted.entry.messageId) === wanted)
  state.repairRequests.asked(stillMissing, bytes, now)
  const messageIds = all.map(({ entry }) => entry.messageId)
  report(state, { type: 'repair-requested', messageIds, carrierId })
}
