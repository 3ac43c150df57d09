import { unsay } from './dispatch-ended.ts'
import type { SdsState } from '../state.ts'
import { forgetEntry, forgetOutgoing } from './store.ts'

/**
 * Takes back messages that never left: the newest ones, if nothing else can refer to them. Returns whether it did.
 */
export function takeBack(state: SdsState, messageIds: readonly string[]): boolean {
  const { unacknowledged, unreleased, ownLog, history, filter } = state
  if (!canTakeBack(state, messageIds)) return false
  for (const messageId of messageIds) {
    const message = unacknowledged.get(messageId)!
    unsay(state, message)
    unacknowledged.remove(message)
    history.remove(messageId)
    forgetOutgoing(state, message.entry)
    forgetEntry(state, message.entry)
  }
  const inFilter = messageIds.filter((messageId) => unreleased.take(messageId) === undefined)
  if (inFilter.length > 0) filter.remove(inFilter)
  ownLog.takenBack(messageIds)
  return true
}

/** Whether these are the newest, no copy left, and nothing may refer to them. */
function canTakeBack({ unacknowledged, ownLog }: SdsState, messageIds: readonly string[]): boolean {
  const numbers = new Set<number>()
  for (const messageId of messageIds) {
    const message = unacknowledged.get(messageId)
    if (message === undefined || message.left || message.hitCount > 0) return false
    numbers.add(message.number)
  }
  return numbers.size === messageIds.length && ownLog.areFree(numbers)
}
