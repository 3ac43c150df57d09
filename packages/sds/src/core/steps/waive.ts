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
  const { parked, waivers, ready } = state
  const waiting = new Set(dependents.filter((messageId) => parked.has(messageId)))
  if (waiting.size === 0) return countAsMet(state, messages)
  const waiver = { messages, pending: waiting.size }
  for (const messageId of waiting) {
    const others = waivers.get(messageId)
    if (others === undefined) waivers.set(messageId, [waiver])
    else others.push(waiver)
  }
  for (const { messageId } of messages) parked.excuse(messageId, waiting, ready)
  state.namedBySyncOnly = true
}

/** A message that something was waived for is delivered. */
export function settleWaivers(state: SdsState, messageId: string): void {
  const waivers = state.waivers.get(messageId)
  if (waivers === undefined) return
  state.waivers.delete(messageId)
  for (const waiver of waivers) if (--waiver.pending === 0) countAsMet(state, waiver.messages)
}
