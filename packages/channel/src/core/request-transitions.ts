import { NO_STEP, type Step } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import { type RequestOutput, deliveryOutcome, dispatchOutcome, endOf, isOver } from './request-outcome.ts'
import { MOST_NAMES, segmentChanges } from './request-changes.ts'
import {
  type Request,
  type RequestSegment,
  isData,
  isDispatched,
  deliveredTo,
  noteAcknowledged,
  noteUncertain,
  noteWithdrawn,
  statusOf,
} from './request.ts'

/*
 * The transitions of a segment, and so of its request. Each returns what follows: the changes, the status, and dispatch or
 * delivery if this ended it.
 */

/** The rate limit let it through. */
export function release(segment: RequestSegment): Step<RequestOutput> {
  if (segment.state !== 'awaiting-rate-limit') return NO_STEP
  segment.state = 'in-flight'
  segment.request.released++
  return reportRequest(segment.request, [])
}

/** Its dispatch is over. `certain`: whether nobody has a segment that failed. */
export function finalise(
  segment: RequestSegment,
  state: 'confirmed' | 'failed',
  certain: boolean,
): Step<RequestOutput> {
  const { request } = segment
  if (segment.state === 'confirmed' || segment.state === 'failed') return NO_STEP
  noteUncertain(segment, state === 'failed' && !certain)
  if (segment.state === 'awaiting-rate-limit') request.released++
  segment.state = state
  request[state]++
  const changes = state === 'confirmed' && isKnownByHint(request) ? [] : segmentChanges(segment)
  return isDispatched(request)
    ? reportRequest(request, changes, dispatchOutcome(request))
    : reportRequest(request, changes)
}

/**
 * Whether a restart knows that it was sent, though that is not stored: by its hint, which is stored as soon as the network
 * has it. Where more came after it than hints are kept, that is told once more.
 */
export const isKnownByHint = ({ isOneRecord, ephemeral, acknowledged }: Request): boolean =>
  isOneRecord && !ephemeral && acknowledged === 0

/** The network took it after all, though it counted as failed. */
export function confirmLate(segment: RequestSegment): Step<RequestOutput> {
  const { request } = segment
  if (segment.state !== 'failed') return finalise(segment, 'confirmed', true)
  segment.state = 'confirmed'
  noteUncertain(segment, false)
  request.failed--
  request.confirmed++
  const changes = segmentChanges(segment)
  const isSent = isDispatched(request) && request.failed === 0
  return reportRequest(request, changes, isSent ? { ...dispatchOutcome(request), late: true } : undefined)
}

/** Somebody has it, also when SDS had given it up. */
export function acknowledge(segment: RequestSegment, by: string): Step<RequestOutput> {
  const { request } = segment
  const isLate = request.delivery === 'failed'
  if (request.delivery === 'untracked' || !noteAcknowledged(segment, by)) return NO_STEP
  if (request.delivery === 'delivered') return NO_STEP
  const changes = segment.acknowledgedBy.size > MOST_NAMES ? [] : segmentChanges(segment)
  // Delivered means that one member, who is named, has the whole payload; parts at several members do not add up.
  if ((request.acknowledgedBy.get(by) ?? 0) < request.dataCount) return reportRequest(request, changes)
  request.delivery = 'delivered'
  const outcome = deliveryOutcome(request)!
  return reportRequest(request, changes, isLate ? { ...outcome, late: true } : outcome)
}

/**
 * Somebody who had it does not have it any more: what he acknowledged does not count, and a message that he alone had whole
 * is not delivered any more. While it is under way it is sent to him again.
 */
export function withdraw(segment: RequestSegment, by: string): Step<RequestOutput> {
  const { request, messageId } = segment
  if (!noteWithdrawn(segment, by)) return NO_STEP
  const changes = segmentChanges(segment)
  if (request.delivery === 'delivered' && deliveredTo(request).length === 0) {
    request.delivery = 'open'
    request.wasDelivered = true
  }
  if (request.delivery === 'delivered') return reportRequest(request, changes)
  return reportRequest(request, changes, { type: 'send-again', requestId: request.requestId, messageId, by })
}

/** SDS sends it no more. */
export function abandon(segment: RequestSegment, error: string): Step<RequestOutput> {
  const { request } = segment
  if (isOver(request) || segment.abandoned) return NO_STEP
  segment.abandoned = true
  const changes = segmentChanges(segment)
  // Parity that nobody acknowledged is no loss.
  if (request.delivery !== 'open' || !isData(segment)) return { outputs: [], changes }
  return failDelivery(request, error, changes)
}

/** Nobody will be known to have all of it. */
export function failDelivery(
  request: Request,
  error: string,
  changes: readonly Change[] = [],
): Step<RequestOutput> {
  request.delivery = 'failed'
  request.deliveryError = error
  return reportRequest(request, changes, request.told ? undefined : deliveryOutcome(request))
}

/** Tells the status of the request and what has ended. */
export function reportRequest(
  request: Request,
  changes: readonly Change[],
  ended?: RequestOutput,
): Step<RequestOutput> {
  const { requestId } = request
  const outputs: RequestOutput[] = [{ type: 'status', requestId, status: statusOf(request) }]
  if (ended !== undefined) outputs.push(ended)
  // Its failure has been told already: there is nothing new to tell.
  const end = request.told && request.delivery === 'failed' ? undefined : endOf(request)
  if (end !== undefined) outputs.push(end)
  return { outputs, changes }
}
