import { unsay } from './dispatch-ended.ts'
import type { SdsState } from '../state.ts'
import { forgetEntry, forgetOutgoing } from './store.ts'

/**
 * Takes back messages that never left: the newest ones, if nothing else can refer to them. Returns whether it did.
 */
export function takeBack(state: SdsState, messageIds: readonly string[]): boolean {
  const { unacknowledged, history, filter } = state
  if (!unacknowledged.canTakeBack(messageIds)) return false
  for (const messageId of messageIds) {
    const message = unacknowledged.get(messageId)!
    unsay(state, message)
    unacknowledged.remove(message)
    history.remove(messageId)
    forgetOutgoing(state, message.entry)
    forgetEntry(state, message.entry)
  }
  const inFilter = messageIds.filter((messageId) => unacknowledged.takeUnencoded(messageId) === undefined)
  if (inFilter.length > 0) filter.remove(inFilter)
  unacknowledged.takenBack(messageIds)
  state.ownLog.takenBack(messageIds)
  return true
}
