import { unsay } from './dispatch-ended.ts'
import type { SdsState } from '../state.ts'
import { forgetEntry, forgetOutgoing } from './store.ts'

/**
 * Takes back messages that never left: the newest ones, if nothing else can refer to them. Returns whether it did.
 */
export function takeBack(state: SdsState, messageIds: readonly string[]): boolean {
  const { unacknowledged, history, filter } = state
  const taken = new Set(messageIds)
  const count = taken.size
  if (count === 0 || count !== messageIds.length) return false
  // The numbers of the newest so many are these.
  const after = Math.max(state.wraps - count, state.referredWraps)
  for (const messageId of messageIds) {
    const message = unacknowledged.get(messageId)
    if (message === undefined || message.number <= after) return false
    if (message.left || message.hitCount > 0) return false
  }
  for (const messageId of messageIds) {
    const message = unacknowledged.get(messageId)!
    state.timers.remove(message.timer)
    unsay(state, message)
    unacknowledged.remove(message)
    history.remove(messageId)
    forgetOutgoing(state, message.entry)
    forgetEntry(state, message.entry)
  }
  const inFilter = messageIds.filter((messageId) => !state.unencoded.delete(messageId))
  if (inFilter.length > 0) filter.remove(inFilter)
  state.wraps -= count
  if (state.wrapGroup?.after.some(({ messageId }) => taken.has(messageId))) state.wrapGroup = undefined
  return true
}
