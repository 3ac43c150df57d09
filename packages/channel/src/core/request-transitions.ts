import { NO_STEP, type Step } from '@reliable-channels/stage/core'
import type { Change } from '@reliable-channels/store'
import { type RequestOutput, deliveryOutcome, dispatchOutcome, isOver } from './request-outcome.ts'
import { encodeSegmentRecord, segmentKey } from './request-record.ts'
import { type Request, type Segment, isData, isDispatched, noteAcknowledged, statusOf } from './request.ts'

/*
 * What may become of a segment, and so of its request. Each says what follows: the changes, the status, and dispatch or
 * delivery if this ended it.
 */

/** The rate limit let it through. */
export function release(segment: Segment): Step<RequestOutput> {
  if (segment.state !== 'awaiting-rate-limit') return NO_STEP
  segment.state = 'in-flight'
  segment.request.released++
  return report(segment.request, [])
}

/** Its dispatch is over. */
export function finalise(segment: Segment, state: 'confirmed' | 'failed'): Step<RequestOutput> {
  const { request } = segment
  if (segment.state === 'confirmed' || segment.state === 'failed') return NO_STEP
  if (segment.state === 'awaiting-rate-limit') request.released++
  segment.state = state
  request[state]++
  const changes = [segmentChange(segment)]
  return isDispatched(request) ? report(request, changes, dispatchOutcome(request)) : report(request, changes)
}

/** Somebody has it. */
export function acknowledge(segment: Segment, by: string): Step<RequestOutput> {
  const { request } = segment
  if (request.delivery !== 'open' || !noteAcknowledged(segment, by)) return NO_STEP
  const changes = [segmentChange(segment)]
  if (request.acknowledged < request.dataCount) return report(request, changes)
  request.delivery = 'delivered'
  return report(request, changes, ...deliveryOutcome(request))
}

/** SDS sends it no more. */
export function abandon(segment: Segment, error: string): Step<RequestOutput> {
  const { request } = segment
  if (isOver(request)) return NO_STEP
  segment.abandoned = true
  const changes = [segmentChange(segment)]
  // Parity that nobody acknowledged is no loss.
  if (request.delivery !== 'open' || !isData(segment)) return { outputs: [], changes }
  request.delivery = 'failed'
  request.deliveryError = error
  return report(request, changes, ...deliveryOutcome(request))
}

/** Tells the status of the request and what has ended. */
export function report(
  request: Request,
  changes: readonly Change[],
  ...ended: readonly RequestOutput[]
): Step<RequestOutput> {
  const { requestId } = request
  const outputs: RequestOutput[] = [{ type: 'status', requestId, status: statusOf(request) }, ...ended]
  if (isOver(request)) outputs.push({ type: 'closed', requestId })
  return { outputs, changes }
}

function segmentChange({ messageId, state, acknowledgedBy, abandoned }: Segment): Change {
  const outcome = state === 'confirmed' || state === 'failed' ? state : undefined
  const value = encodeSegmentRecord({ outcome, acknowledgedBy, abandoned })
  return { key: segmentKey(messageId), value }
}
