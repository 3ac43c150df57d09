import { unsay } from './dispatch-ended.ts'
import type { SdsState } from '../state.ts'
import { storeLife } from './store.ts'
import { sendSync } from './sync.ts'

/**
 * The participant's last word: one sync message, if something is still to be acknowledged, so that nobody goes on sending
 * it. Own messages that wait to be dispatched will not leave any more, and so acknowledge nothing; no timer ends after it.
 */
export function sayLastWord(state: SdsState, now: number): void {
  if (!state.lifetime.end()) return
  if (state.lifeNotes.isPlanned) storeLife(state)
  state.unreleased.clear()
  for (const message of state.unacknowledged.values()) if (!message.left) unsay(state, message)
  if (!state.syncPlan.owes) return
  state.syncPlan.retryNow()
  sendSync(state, 'acknowledge', now)
}
