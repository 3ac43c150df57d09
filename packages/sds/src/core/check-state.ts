import { comesBefore } from './history/log-entry.ts'
import { ensure } from './parts/ensure.ts'
import type { Parked } from './parts/parked-message.ts'
import { SHARE_OF_AWAITED, unawaited } from './parts/parked-room.ts'
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
  for (const { entry } of parked.values()) ensure(!history.has(entry.messageId), 2)
  for (const messageId of met.messageIds()) ensure(!history.has(messageId), 2)
  for (const messageId of unreleased.messageIds()) ensure(history.has(messageId), 2)
  checkParked(state)
  checkUnacknowledged(state)
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

/** Each parked message waits for what is missing; what is counted of both is what is there. */
function checkParked({ settings, parked, missing }: SdsState): void {
  const waits = new Map<Parked, number>()
  let [absent, awaited, excused] = [0, 0, 0]
  for (const { waiting, entry, isParked, isExcused, isSought } of missing.values()) {
    ensure(isParked === parked.has(entry.messageId) && !(isParked && isSought), 3)
    if (!isParked && !isSought) absent++
    if (isParked && waiting.length > 0) awaited++
    if (isExcused) excused++
    for (const one of waiting) waits.set(one, (waits.get(one) ?? 0) + 1)
  }
  let bytes = 0
  for (const one of parked.values()) {
    ensure((one.waitsFor > 0 || parked.isReady) && one.waitsFor === (waits.get(one) ?? 0), 1)
    bytes += one.bytes
  }
  const { total } = parked
  ensure(absent === missing.count && excused === missing.excused, 6)
  ensure(awaited === total.awaited && bytes === total.bytes && parked.size === total.count, 6)
  const { maxIncoming, maxIncomingBytes } = settings
  ensure(unawaited(total) <= maxIncoming && bytes <= maxIncomingBytes * SHARE_OF_AWAITED, 6)
  ensure(missing.hasRoomFor(0), 6)
}

/** Each unacknowledged message has a copy on its way or a timer, and its place. */
function checkUnacknowledged({ settings, unacknowledged }: SdsState): void {
  let bytes = 0
  for (const [slot, message] of unacknowledged.slots.entries()) {
    const { entry, timer, onTheWay } = message
    ensure((timer?.isGone === false) !== onTheWay, 4)
    ensure(message.slot === slot && unacknowledged.get(entry.messageId) === message, 4)
    bytes += entry.contentLength
  }
  const { size } = unacknowledged
  ensure(bytes === unacknowledged.bytes && [...unacknowledged.values()].length === size, 6)
  ensure(size <= settings.maxOutgoing && bytes <= settings.maxOutgoingBytes, 6)
}
