import type { WaivedId } from '../input.ts'
import type { SdsState } from '../state.ts'
import { countAsMet } from './met.ts'

/**
 * Lets `dependents` not wait for messages. Those count as met once all the dependents are delivered: whatever else
 * depends on them is not to come before what stands in for them. Without dependents that wait, at once.
 */
export function waive(
  state: SdsState,
  messages: readonly WaivedId[],
  dependents: readonly string[] = [],
): void {
  const { parked, waivers } = state
  const waiting = new Set(dependents.filter((messageId) => parked.has(messageId)))
  if (waiting.size === 0) return countAsMet(state, messages)
  waivers.add(messages, waiting)
  for (const { messageId } of messages) parked.excuse(messageId, waiting)
}

/** A message that something was waived for is delivered. */
export function settleWaivers(state: SdsState, messageId: string): void {
  const settled = state.waivers.settle(messageId)
  if (settled !== undefined) for (const messages of settled) countAsMet(state, messages)
}
