import { comesBefore } from './history/log-entry.ts'
import { ensure } from './parts/ensure.ts'
import { type SdsState, partsOf } from './state.ts'
import { isMet } from './steps/met.ts'

/**
 * Throws unless what should hold after each step holds; see `evaluate` in `stage.ts` for the numbers. For tests: it looks
 * at all that is kept.
 */
export function checkState(state: SdsState): void {
  for (const part of partsOf(state)) part.check?.()
  const { settings, history, parked, unreleased, met, repairRequests } = state
  const entries = history.last(history.size)
  ensure(entries.length === history.size, 2)
  for (const [index, entry] of entries.entries()) {
    ensure(index === 0 || comesBefore(entries[index - 1]!, entry), 2)
  }
  for (const messageId of parked.messageIds()) ensure(!history.has(messageId), 2)
  for (const messageId of met.messageIds()) ensure(!history.has(messageId), 2)
  for (const messageId of unreleased.messageIds()) ensure(history.has(messageId), 2)
  let toBeAskedFor = 0
  for (const missing of state.missing.values()) {
    const { messageId, senderId } = missing.entry
    // An excused message counts as met though it is missing.
    const isMissing = missing.isExcused ? !history.has(messageId) : !isMet(state, messageId, senderId)
    ensure(missing.isParked || isMissing, 1)
    const isAsked = settings.repair.enabled && !missing.isParked
    ensure(repairRequests.has(missing) === isAsked, 3)
    if (isAsked) toBeAskedFor++
  }
  ensure(repairRequests.size === toBeAskedFor, 3)
  ensure(history.size <= settings.maxHistory && history.bytes <= settings.maxHistoryBytes, 6)
  ensure(state.outputs.isEmpty && state.journal?.isEmpty !== false, 6)
}
