import { type BloomBits, bloomHas, gistOf } from '../filter/bloom.ts'
import { openFilter } from '../filter/bloom-codec.ts'
import type { AcknowledgedVia } from '../event.ts'
import { type Dialect, type SdsMessage, kindOf } from '../wire/message.ts'
import { isOvertaken } from '../parts/copies.ts'
import { Evidence } from '../parts/evidence.ts'
import type { OutgoingMessage } from '../parts/outgoing-message.ts'
import { isMeasured } from '../settings.ts'
import { type SdsState, report } from '../state.ts'
import { reviewFollowed } from './follow.ts'
import { isMet } from './met.ts'
import { answerOwn } from './respond.ts'
import { resendLacked } from './retransmit.ts'
import { reopen } from './reopen.ts'
import { acknowledged } from './acknowledged.ts'
import { alsoAcknowledged } from './also-acknowledged.ts'
import { withdrawReceipts } from './withdraw.ts'

/**
 * Share of all ids that a filter may hold: a fuller one says nothing, as those of peers that never begin anew. A full
 * one of our own is at 0.0025.
 * @limit The filter is ignored.
 */
const MOST_FALSE_POSITIVES = 0.05
/** Bits for one id: no honest filter has more. @limit The filter is ignored. */
const MOST_HASHES = 64

/** Learns from a message of another which own ones it has received. LIP-109, "Review ACK Status". */
export function reviewAcknowledgements(
  state: SdsState,
  message: SdsMessage,
  dialect: Dialect,
  now: number,
): void {
  const { unacknowledged, acknowledgements, repairs, ownLog } = state
  const by = message.senderId
  // Nothing of what this participant has sent is remembered, and nothing waits for him.
  if (unacknowledged.size + acknowledgements.size === 0 && !repairs.isAwaitedBy(by)) return
  const evidence = new Evidence(by, now, isSettled(state, message), message.lamport, message.causalHistory)
  const { lamport } = evidence
  const words = acknowledgements.words(by)
  // One that was here before is a copy, or played again.
  const isSync = kindOf(message) === 'sync' && !isMet(state, message.messageId)
  if (words.heard({ lamport, isSync, now, newest: ownLog.newest })) evidence.isCurrent()
  for (const { messageId, senderId } of message.causalHistory) {
    // He has got another's message by the same id.
    if (senderId && senderId !== state.settings.participantId) continue
    const outgoing = unacknowledged.get(messageId)
    const number = outgoing?.number ?? acknowledgements.numberOf(messageId)
    if (number === undefined) continue
    if (words.isNew(number)) evidence.isCurrent()
    if (acknowledgements.isOutdated(messageId, evidence)) continue
    evidence.delivered(ownLog.after(number))
    if (outgoing !== undefined) acknowledge(state, outgoing, 'causal-history', evidence)
    else alsoAcknowledged(state, messageId, by)
  }
  if (message.bloomFilter !== undefined && message.bloomFilter.length > 0) {
    reviewFilter(state, message, message.bloomFilter, dialect, evidence)
  } else withdrawReceipts(state, message, evidence)
  if (evidence.tookMs !== Infinity) state.roundTrips.measured(by, evidence.tookMs)
  if (evidence.isNews) state.probes.answered()
}

/** Whether what a participant lacks is not only late: he waits for that before he asks, unless the times of LIP-109 hold. */
function isSettled({ settings }: SdsState, { repairRequest }: SdsMessage): boolean {
  const { participantId, repair } = settings
  return repair.isLip || !repair.enabled || repairRequest.some(({ senderId }) => senderId === participantId)
}

function reviewFilter(
  state: SdsState,
  message: SdsMessage,
  bytes: Uint8Array,
  dialect: Dialect,
  evidence: Evidence,
): void {
  const { settings, baseFilter, unacknowledged, acknowledgements, ownLog, repairs, givenUp, followed } = state
  const limits = { maxBloomBytes: settings.maxBloomBytes, maxHashCount: MOST_HASHES }
  const filter = openFilter(bytes, dialect, baseFilter, limits)
  if (typeof filter === 'string') {
    report(state, { type: 'filter-ignored', messageId: message.messageId, detail: filter })
    return
  }
  const { by, newest } = evidence
  const gist = gistOf(filter)
  let found = unacknowledged.inFilter(filter)
  const earlier = ownLog.newTo(by, newest).filter((id) => !acknowledgements.isBy(id, by))
  // However full a filter is, it never shows an id as lacking that is in it.
  if (found.length + earlier.length + givenUp.size + followed.size > 0 || repairs.isAwaitedBy(by)) {
    if (gist.mistaken > MOST_FALSE_POSITIVES) {
      if (found.length === 0) return
      const detail = `a filter that holds ${Math.round(100 * gist.mistaken)} % of all ids`
      report(state, { type: 'filter-ignored', messageId: message.messageId, detail })
      return
    }
  }
  const has = (messageId: string): boolean => bloomHas(filter, messageId)
  repairs.reviewAsked(by, has)
  if (reopen(state, has, evidence)) found = unacknowledged.inFilter(filter)
  if (found.length > 0) countHits(state, found, filter, gist.digest, evidence)
  for (const messageId of earlier) {
    if (has(messageId) && !acknowledgements.isOutdated(messageId, evidence))
      alsoAcknowledged(state, messageId, by)
  }
  reviewFollowed(state, filter, gist, evidence)
  withdrawReceipts(state, message, evidence, { has, ids: gist.ids })
  if (isMeasured(settings)) sendWhatIsLacked(state, has, evidence)
}

/** Own messages are in somebody's filter. Whoever has delivered one that comes after them has them, and not only perhaps. */
function countHits(
  state: SdsState,
  found: readonly OutgoingMessage[],
  filter: BloomBits,
  digest: number,
  evidence: Evidence,
): void {
  const { unacknowledged, acknowledgements, retransmissions, history } = state
  const { by, now, newest } = evidence
  const hasAll = (): boolean =>
    latestOf(state, now).every((id) => bloomHas(filter, id) || acknowledgements.isBy(id, by))
  for (const outgoing of found) {
    if (acknowledgements.isOutdated(outgoing.entry.messageId, evidence)) continue
    // Those of earlier processes have no number of their own, and come before all that this one has sent.
    const isBefore = newest > 0 && outgoing.number <= newest && !outgoing.entry.isLoose
    if (isBefore || (outgoing.number === 0 && evidence.isEarlier(outgoing.entry.messageId, history))) {
      acknowledge(state, outgoing, 'causal-history', evidence)
      continue
    }
    measure(state, outgoing, evidence)
    if (!unacknowledged.wasIn(outgoing, by)) evidence.isCurrent()
    if (!unacknowledged.hit(outgoing, by, digest)) continue
    evidence.tellNews()
    if (retransmissions.areFiltersEnough(outgoing, outgoing !== unacknowledged.newest || hasAll())) {
      acknowledge(state, outgoing, 'bloom-filter', evidence)
      continue
    }
    report(state, {
      type: 'possibly-acknowledged',
      messageId: outgoing.entry.messageId,
      by,
      count: outgoing.hitCount,
    })
    if (outgoing.left && !outgoing.onTheWay && outgoing.dispatchedAt <= now) retransmissions.arm(outgoing)
  }
}

/** Copies in a row, the latest that were made, that are lost rather than late. */
const MOST_LOST_AT_ONCE = 8
/** So often a message is sent again to somebody of whom it is not sure that it was lost. */
const MOST_GUESSED = 3
/** Own messages that others have acknowledged, looked for in what one has who may lack them; for so long, ms. */
const LATEST = 32
const LATEST_MS = 60_000

/** Sends again what somebody lacks and has had the time to receive. RFC 9002, "Acknowledgement-Based Detection". */
function sendWhatIsLacked(state: SdsState, has: (messageId: string) => boolean, evidence: Evidence): void {
  const { unacknowledged, acknowledgements, copies, baseFilter, ownLog, settings, roundTrips } = state
  const { by, now, copy, isSettled } = evidence
  // Of what left together some comes later than the rest: what lies between, or is much, is hardly lost.
  const isMuch = copies.count > copy + MOST_LOST_AT_ONCE
  const mayBeLate = (outgoing: OutgoingMessage): boolean => !isSettled && (isMuch || outgoing.copy < copy)
  for (const outgoing of copies.expectedBy(by, copy, now)) {
    if (outgoing.hitCount > 0) continue
    // Older ones have left his filter, perhaps.
    if (ownLog.newest - outgoing.number > baseFilter.capacity / 2) continue
    const isSure = isOvertaken(outgoing, copy)
    // He may be there and have no room: whether he lacks the rest, the latest tell, should they come.
    const isRest = outgoing.copy <= copies.count - MOST_LOST_AT_ONCE
    if (!isSure && (isRest || outgoing.retransmissions >= MOST_GUESSED)) continue
    if (!isSure && mayBeLate(outgoing) && now - outgoing.madeAt < roundTrips.timeoutMs) continue
    if (resendLacked(state, outgoing, by, now, isSure)) evidence.tellNews()
  }
  const windowMs = roundTrips.windowMs(by) + settings.fetchMs
  for (const messageId of latestOf(state, now, windowMs)) {
    if (acknowledgements.isBy(messageId, by)) continue
    if (unacknowledged.get(messageId) !== undefined || has(messageId)) continue
    answerOwn(state, messageId, by, now)
  }
}

/** Own messages of late, the newest first, but for those that were made less than so long ago. */
function latestOf({ ownLog }: SdsState, now: number, windowMs = 0): string[] {
  const ids: string[] = []
  const first = Math.max(1, ownLog.newest - LATEST + 1)
  for (let number = ownLog.newest; number >= first; number--) {
    const ageMs = now - ownLog.madeAt(number)
    if (ageMs > LATEST_MS) break
    if (ageMs >= windowMs) ids.push(ownLog.idOf(number))
  }
  return ids
}

/** How long it took until somebody was heard who has a message, and which copy that was, if that can be told. */
function measure(state: SdsState, message: OutgoingMessage, evidence: Evidence): void {
  if (message.hitCount > 0 || (message.retransmissions > 0 && message.lackedBy !== evidence.by)) return
  evidence.came(message.copy)
  // A probe may have called forth what would not have come.
  if (state.probes.lastAt <= message.madeAt) evidence.took(evidence.now - message.madeAt)
}

/** Somebody is heard to have the message. */
function acknowledge(
  state: SdsState,
  message: OutgoingMessage,
  via: AcknowledgedVia,
  evidence: Evidence,
): void {
  evidence.tellNews()
  if (!state.unacknowledged.wasIn(message, evidence.by)) evidence.isCurrent()
  measure(state, message, evidence)
  acknowledged(state, message, via, evidence.by)
}
