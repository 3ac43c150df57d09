import { byOrder, latestHeads } from '../history/history.ts'
import type { LogName } from '../history/log-entry.ts'
import type { WaitingMessage } from '../parts/unreleased.ts'
import type { SdsState } from '../state.ts'

/** Messages looked past for the newest that an overtaking one names. @limit Beyond them, only what no other names is named. */
const MOST_PASSED = 256

/**
 * The entries that a message names as those before it which leaves before others that wait: as if it had been wrapped
 * before them. It comes after what was received and what has left, and after what waits and is no less urgent; not after
 * what it overtakes, nor after own messages that come after that.
 */
export function frontierBefore(state: SdsState, overtaken: readonly WaitingMessage[]): LogName[] {
  const { history, settings, ownLog } = state
  const passed = new Map(overtaken.map(({ message }) => [message.messageId, message.causalHistory]))
  const first = firstOf(overtaken)
  const isPassed = (messageId: string): boolean =>
    passed.has(messageId) || comesAfter(state, messageId, first)
  const newest = history.last(
    settings.causalHistoryLength,
    ({ messageId, isLoose }) => !isLoose && !isPassed(messageId),
    settings.causalHistoryLength + MOST_PASSED,
  )
  // From what no other names, back past all that is overtaken.
  const met = new Set(history.headIds(Infinity))
  const heads = new Map<string, LogName>()
  for (const messageId of met) {
    if (isPassed(messageId)) {
      const names = passed.get(messageId) ?? history.get(messageId)?.causalHistory ?? []
      for (const before of names) met.add(before.messageId)
    } else {
      const entry = history.nameOf(messageId)
      if (entry !== undefined) heads.set(messageId, entry)
    }
  }
  const naming: LogName[] = []
  const free: LogName[] = []
  for (const messageId of [...heads.keys()]) {
    const entry = heads.get(messageId)
    const { causalHistory } = history.get(messageId)!
    for (const before of causalHistory) heads.delete(before.messageId)
    if (entry !== undefined) (causalHistory.length === 0 ? free : naming).push(entry)
  }
  const isHead = ({ messageId }: LogName): boolean => heads.has(messageId)
  const own = ownLog.latest(first)
  const ownLatest = own === undefined || isPassed(own) ? undefined : history.nameOf(own)
  const latest = latestHeads(
    { naming: naming.filter(isHead), free: free.filter(isHead) },
    settings.maxHeads,
    ownLatest,
  )
  const named = new Map([...latest, ...newest].map((entry) => [entry.messageId, entry]))
  return [...named.values()].toSorted(byOrder)
}

/** The lowest number of those that are overtaken: up to the one before, a message that overtakes them comes after all. */
export const firstOf = (overtaken: readonly WaitingMessage[]): number =>
  overtaken.reduce((least, { number }) => Math.min(least, number), Infinity)

/** Whether an own message that has left, or waits, comes after the one of that number. */
function comesAfter({ unacknowledged, ownLog }: SdsState, messageId: string, number: number): boolean {
  const own = unacknowledged.get(messageId)
  // Those of earlier processes have no number of their own.
  return own !== undefined && own.number > 0 && ownLog.after(own.number) >= number
}
