import type { SdsMessage } from '../wire/message.ts'
import type { SdsState } from '../state.ts'
import { backoffMs } from './pace.ts'

/** Plans the periodic sync message. LIP-109, "Periodic Sync Message". */
export function planPeriodicSync(state: SdsState): void {
  const { timers, settings, quietMs, lastSpokeAt } = state
  timers.remove(state.periodicDue)
  state.periodicDue = undefined
  if (settings.periodicSyncMs === 0 || settings.periodicSyncMs === Infinity) return
  state.periodicDue = timers.add(lastSpokeAt + quietMs + backoffMs(state, quietMs), { type: 'periodic-sync' })
}

/**
 * Content came or went: whoever missed the end of it hears of that only when somebody speaks again. So the next silence
 * is short, and each one after it twice as long, up to the periodic one.
 */
export function shortenSilence(state: SdsState): void {
  const { ackSyncMaxMs, periodicSyncMs, paceMs } = state.settings
  const shortest = Math.min(Math.max(2 * ackSyncMaxMs, paceMs), periodicSyncMs)
  if (state.quietMs === shortest) return
  state.quietMs = shortest
  if (state.started) planPeriodicSync(state)
}

/** Whether a sync message says what a periodic one of this participant would: it knows of the newest message. */
export function speaksFor({ history }: SdsState, { causalHistory }: SdsMessage): boolean {
  const [newest] = history.last(1)
  return newest === undefined || causalHistory.some(({ messageId }) => messageId === newest.messageId)
}
