import { NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { Change, Entry } from '@reliable-channels/store'
import { encodeRequest, encodeSegmentRecord, requestKey, segmentKey } from './request-record.ts'
import { CANCELLED, DAMAGED, type RequestStatus, SEGMENTS_FAILED, UNACKNOWLEDGED } from './request-status.ts'
import {
  type Request,
  type Segment,
  deliveredTo,
  isData,
  isDispatched,
  newRequest,
  noteAcknowledged,
  statusOf,
} from './request.ts'
import { restoreRequests } from './restore-requests.ts'

/** What happens to requests. A segment is known by the id of the SDS message that carries it. */
export type RequestInput =
  | {
      readonly type: 'opened'
      readonly requestId: string
      /** Ids of all segments, data first: N is fixed here. */
      readonly messageIds: readonly string[]
      readonly dataCount: number
      readonly ephemeral: boolean
    }
  | { readonly type: 'released' | 'confirmed' | 'failed' | 'delivery-failed'; readonly messageId: string }
  | { readonly type: 'acknowledged'; readonly messageId: string; readonly by: string }
  | { readonly type: 'cancelled'; readonly requestId: string }
  /** Who was to hear of its end has heard. */
  | { readonly type: 'told'; readonly requestId: string }
  /** The channel is open again: what the restart itself decided is told. `isTracked`: whether SDS still has a message. */
  | { readonly type: 'resumed'; readonly isTracked: (messageId: string) => boolean }

/** What the channel is told of requests. */
export type RequestOutput =
  | { readonly type: 'status'; readonly requestId: string; readonly status: RequestStatus }
  | Outcome
  /** Nothing more will be heard of the request. It is kept until that is `told`. */
  | { readonly type: 'closed'; readonly requestId: string }

/** One of the two ends of a request. */
export type Outcome = {
  readonly requestId: string
  /** It was perhaps told before a restart. */
  readonly redelivered?: boolean
} & (
  | DispatchOutcome
  /** Delivery is over: exactly one for each request that is not ephemeral. */
  | { readonly type: 'delivered'; readonly deliveredTo: readonly string[] }
  | { readonly type: 'delivery-error'; readonly error: string }
)

/** Dispatch is over: exactly one for each request. */
type DispatchOutcome = { readonly type: 'sent' } | { readonly type: 'send-error'; readonly error: string }

/** The state machine of requests, which also tells what is open. */
export interface RequestStage extends Stage<RequestInput, RequestOutput> {
  /** Ids of the open requests, oldest first. */
  readonly open: IterableIterator<string>
  ephemeral(requestId: string): boolean
  messageIds(requestId: string): readonly string[] | undefined
  status(requestId: string): RequestStatus | undefined
}

/**
 * Follows each request from its segments to its two outcomes, dispatch and delivery.
 *
 * Invariants, kept by each step:
 * 1. A segment leaves *awaiting-rate-limit* once, and no transition leaves *confirmed* or *failed*.
 * 2. Dispatch ends when all segments are final, with `sent` if all are confirmed, else `send-error`; exactly once.
 * 3. Delivery ends at `delivered` when somebody acknowledged each data segment, at `delivery-error` when SDS gave one up;
 *    exactly once, and never for an ephemeral request.
 * 4. A request is forgotten when both have ended and that was told: nothing is kept for it. After a restart, the ends of
 *    those that are not forgotten are told again.
 *
 * Work for each input does not grow with the number of requests or segments.
 */
export function createRequestStage(
  restore: Iterable<Entry> = [],
  onCorrupt?: (key: string, reason: string) => void,
): RequestStage {
  const requests = new Map<string, Request>()
  const segments = new Map<string, Segment>()
  const { requests: restored, orphans } = restoreRequests(restore, onCorrupt)

  const add = (request: Request): void => {
    requests.set(request.requestId, request)
    for (const segment of request.segments) segments.set(segment.messageId, segment)
  }
  restored.forEach(add)
  /** What had ended before the restart, whether it was told then or not. */
  const endedBefore = restored.flatMap(outcomesOf)

  const forget = (request: Request): Change[] => {
    requests.delete(request.requestId)
    for (const messageId of request.messageIds) segments.delete(messageId)
    const keys = [requestKey(request.requestId), ...request.messageIds.map(segmentKey)]
    return keys.map((key) => ({ key, value: undefined }))
  }

  /** The status of the request and, if this step ended dispatch or delivery, that. */
  const report = (request: Request, changes: Change[], ...ended: RequestOutput[]): Step<RequestOutput> => {
    const outputs: RequestOutput[] = [
      { type: 'status', requestId: request.requestId, status: statusOf(request) },
      ...ended,
    ]
    if (isOver(request)) outputs.push({ type: 'closed', requestId: request.requestId })
    return { outputs, changes }
  }

  const finalise = (segment: Segment, state: 'confirmed' | 'failed'): Step<RequestOutput> => {
    const { request } = segment
    if (segment.state === 'confirmed' || segment.state === 'failed') return NO_STEP
    if (segment.state === 'awaiting-rate-limit') request.released++
    segment.state = state
    request[state]++
    const changes = [segmentChange(segment)]
    if (!isDispatched(request)) return report(request, changes)
    return report(request, changes, dispatchOutcome(request))
  }

  const acknowledge = (segment: Segment, by: string): Step<RequestOutput> => {
    const { request } = segment
    if (request.delivery !== 'open' || !noteAcknowledged(segment, by)) return NO_STEP
    const changes = [segmentChange(segment)]
    if (request.acknowledged < request.dataCount) return report(request, changes)
    request.delivery = 'delivered'
    return report(request, changes, ...deliveryOutcome(request))
  }

  const abandon = (segment: Segment, error: string): Step<RequestOutput> => {
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

  /** What was acknowledged had been sent, and what SDS gave up had not, for all that is known after a restart. */
  const settleRestored = (segment: Segment, state: 'confirmed' | 'failed'): Step<RequestOutput> =>
    segment.restored ? finalise(segment, state) : NO_STEP

  /**
   * Ends what a restart has decided: what was acknowledged had been sent; what is not tracked, or was given up, will
   * not be. What SDS should have and has not was damaged in the store. The other segments are SDS's to send again.
   */
  const resume = (isTracked: (messageId: string) => boolean): Step<RequestOutput> => {
    const forgotten = orphans.splice(0).map((key) => ({ key, value: undefined }))
    const outputs: RequestOutput[] = []
    for (const output of endedBefore.splice(0)) {
      if (!requests.has(output.requestId)) continue
      outputs.push(output.type === 'closed' ? output : { ...output, redelivered: true })
    }
    let step: Step<RequestOutput> = { outputs, changes: forgotten }
    for (const segment of [...segments.values()]) {
      const { acknowledgedBy, abandoned, request } = segment
      if (!segment.restored || isOver(request)) continue
      if (acknowledgedBy.length > 0) step = both(step, settleRestored(segment, 'confirmed'))
      else if (abandoned || request.ephemeral) step = both(step, settleRestored(segment, 'failed'))
      else if (!isTracked(segment.messageId)) {
        step = both(step, both(settleRestored(segment, 'failed'), abandon(segment, DAMAGED)))
      }
    }
    return step
  }

  const handle = (input: RequestInput): Step<RequestOutput> => {
    if (input.type === 'opened') {
      const request = newRequest(input)
      add(request)
      return report(request, [{ key: requestKey(input.requestId), value: encodeRequest(input) }])
    }
    if (input.type === 'cancelled') {
      const request = requests.get(input.requestId)
      if (request === undefined || request.released > 0) return NO_STEP
      request.cancelled = true
      // Whoever cancelled knows.
      const { outputs } = report(request, [], {
        type: 'send-error',
        requestId: input.requestId,
        error: CANCELLED,
      })
      return { outputs, changes: forget(request) }
    }
    if (input.type === 'told') {
      const request = requests.get(input.requestId)
      return request !== undefined && isOver(request) ? { outputs: [], changes: forget(request) } : NO_STEP
    }
    if (input.type === 'resumed') return resume(input.isTracked)
    const segment = segments.get(input.messageId)
    // An outcome of another channel's message, or of a request that has ended.
    if (segment === undefined) return NO_STEP
    switch (input.type) {
      case 'released':
        if (segment.state !== 'awaiting-rate-limit') return NO_STEP
        segment.state = 'in-flight'
        segment.request.released++
        return report(segment.request, [])
      case 'confirmed':
      case 'failed':
        return finalise(segment, input.type)
      case 'acknowledged':
        return both(settleRestored(segment, 'confirmed'), acknowledge(segment, input.by))
      case 'delivery-failed':
        return both(settleRestored(segment, 'failed'), abandon(segment, UNACKNOWLEDGED))
    }
  }

  return {
    handle,
    deadline: () => undefined,
    tick: () => NO_STEP,
    get open() {
      return requests.keys()
    },
    ephemeral: (requestId) => requests.get(requestId)?.ephemeral ?? false,
    messageIds: (requestId) => requests.get(requestId)?.messageIds,
    status(requestId) {
      const request = requests.get(requestId)
      return request && statusOf(request)
    },
  }
}

/** Whether nothing more will happen to a request. */
const isOver = (request: Request): boolean =>
  request.cancelled || (isDispatched(request) && request.delivery !== 'open')

const dispatchOutcome = ({ requestId, failed }: Request): Outcome =>
  failed === 0 ? { type: 'sent', requestId } : { type: 'send-error', requestId, error: SEGMENTS_FAILED }

/** How delivery ended, if it has. */
function deliveryOutcome(request: Request): Outcome[] {
  const { requestId, delivery, deliveryError = UNACKNOWLEDGED } = request
  if (delivery === 'delivered') return [{ type: 'delivered', requestId, deliveredTo: deliveredTo(request) }]
  return delivery === 'failed' ? [{ type: 'delivery-error', requestId, error: deliveryError }] : []
}

/** The ends of a request so far, and that it is over, if it is. */
function outcomesOf(request: Request): (Outcome | Extract<RequestOutput, { type: 'closed' }>)[] {
  const outcomes = [...(isDispatched(request) ? [dispatchOutcome(request)] : []), ...deliveryOutcome(request)]
  return isOver(request) ? [...outcomes, { type: 'closed', requestId: request.requestId }] : outcomes
}

const both = <T>(first: Step<T>, second: Step<T>): Step<T> => ({
  outputs: [...first.outputs, ...second.outputs],
  changes: [...first.changes, ...second.changes],
})

function segmentChange({ messageId, state, acknowledgedBy, abandoned }: Segment): Change {
  const outcome = state === 'confirmed' || state === 'failed' ? state : undefined
  const value = encodeSegmentRecord({ outcome, acknowledgedBy, abandoned })
  return { key: segmentKey(messageId), value }
}
