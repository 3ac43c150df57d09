import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { StoredRequest } from './request-record.ts'
import { CANCELLED, type RequestState, type RequestStatus, SEGMENTS_FAILED } from './request-status.ts'

/** The dispatch state of one segment. The last two are final. */
export type SegmentState = 'awaiting-rate-limit' | 'in-flight' | 'confirmed' | 'failed'

/** One segment of an open request. */
export interface RequestSegment {
  readonly request: Request
  readonly index: number
  readonly messageId: string
  state: SegmentState
  /** Who acknowledged it. */
  readonly acknowledgedBy: SparseSet<string>
  /** It failed, and a peer may have it without its being known. */
  uncertain: boolean
  /** SDS gave it up. */
  abandoned: boolean
  /** The process ended before a dispatch outcome was stored: an acknowledgement, or SDS's giving up, decides instead. */
  restored: boolean
}

/** An open request, with the number of its segments in each state. */
export interface Request extends StoredRequest {
  /** Whether there is a store that keeps it. */
  readonly isStored: boolean
  /** Whether one record has all of it: it is of one segment, and no older version has stored it. */
  readonly isOneRecord: boolean
  readonly segments: readonly RequestSegment[]
  /** Number of segments that each participant has acknowledged. */
  readonly acknowledgedBy: SparseMap<string, number>
  released: number
  confirmed: number
  failed: number
  acknowledged: number
  delivery: 'open' | 'delivered' | 'failed' | 'untracked'
  /** It was delivered to those who have lost it since. */
  wasDelivered: boolean
  /** Why delivery failed. */
  deliveryError: string | undefined
  cancelled: boolean
  /** That delivery failed was told. */
  told: boolean
  /** Failed segments of which a peer may have a copy without its being known. */
  uncertain: number
}

/** A request of which nothing is known yet. */
export function newRequest(
  { requestId, messageId, messageIds, dataCount, ephemeral, told = false }: StoredRequest,
  isStored: boolean,
  isOneRecord: boolean = messageIds.length === 1 && messageId === messageIds[0],
): Request {
  const segments: RequestSegment[] = []
  const request: Request = {
    isStored,
    isOneRecord,
    requestId,
    messageId,
    messageIds,
    dataCount,
    ephemeral,
    segments,
    acknowledgedBy: new SparseMap(),
    released: 0,
    confirmed: 0,
    failed: 0,
    acknowledged: 0,
    delivery: ephemeral ? 'untracked' : 'open',
    wasDelivered: false,
    deliveryError: undefined,
    cancelled: false,
    told,
    uncertain: 0,
  }
  for (let index = 0; index < messageIds.length; index++) {
    segments.push({
      request,
      index,
      messageId: messageIds[index]!,
      state: 'awaiting-rate-limit',
      acknowledgedBy: new SparseSet(),
      uncertain: false,
      abandoned: false,
      restored: false,
    })
  }
  return request
}

/** Notes who has a segment. Returns whether that is news. */
export function noteAcknowledged(segment: RequestSegment, by: string): boolean {
  const { request, acknowledgedBy } = segment
  if (acknowledgedBy.has(by)) return false
  acknowledgedBy.add(by)
  request.acknowledgedBy.set(by, (request.acknowledgedBy.get(by) ?? 0) + 1)
  if (acknowledgedBy.size === 1 && isData(segment)) request.acknowledged++
  return true
}

/** Notes that one does not have a segment any more. Returns whether he was known to. */
export function noteWithdrawn(segment: RequestSegment, by: string): boolean {
  const { request, acknowledgedBy } = segment
  if (!acknowledgedBy.delete(by)) return false
  request.acknowledgedBy.set(by, request.acknowledgedBy.get(by)! - 1)
  if (acknowledgedBy.size === 0 && isData(segment)) request.acknowledged--
  return true
}

/** Notes whether a segment failed, and a peer may have it without its being known. */
export function noteUncertain(segment: RequestSegment, uncertain: boolean): void {
  if (segment.uncertain === uncertain) return
  segment.uncertain = uncertain
  segment.request.uncertain += uncertain ? 1 : -1
}

/** Whether the segment carries data, not parity: the message needs it. */
export const isData = ({ request, index }: RequestSegment): boolean => index < request.dataCount

/** Whether all segments are final. */
export const isDispatched = ({ confirmed, failed, segments }: Request): boolean =>
  confirmed + failed === segments.length

/** Who acknowledged enough segments to rebuild the payload. */
export function deliveredTo({ acknowledgedBy, dataCount }: Request): string[] {
  const names: string[] = []
  for (const [name, count] of acknowledgedBy) if (count >= dataCount) names.push(name)
  return names
}

const NOBODY: readonly string[] = Object.freeze([])

/** The status of a request as its owner sees it. */
export function statusOf(request: Request): RequestStatus {
  const { segments, dataCount, released, confirmed, failed, acknowledged, acknowledgedBy } = request
  const state = stateOf(request)
  const status = {
    state,
    segments: { total: segments.length, data: dataCount, released, confirmed, failed, acknowledged },
    deliveredTo: acknowledgedBy.size === 0 ? NOBODY : deliveredTo(request),
  }
  const error = errorOf(request, state)
  if (error === undefined) return status
  return { ...status, error, ...(state === 'send-failed' && { certain: request.uncertain === 0 }) }
}

/** Delivery says more than dispatch: a segment that could not be dispatched may be delivered by retransmission. */
function stateOf(request: Request): RequestState {
  const { cancelled, delivery, failed, released } = request
  if (cancelled) return 'cancelled'
  if (delivery === 'delivered') return 'delivered'
  if (delivery === 'failed') return 'delivery-failed'
  if (isDispatched(request)) return failed === 0 ? 'sent' : 'send-failed'
  return released === 0 ? 'queued' : 'sending'
}

function errorOf({ deliveryError }: Request, state: RequestState): string | undefined {
  if (state === 'cancelled') return CANCELLED
  if (state === 'delivery-failed') return deliveryError
  return state === 'send-failed' ? SEGMENTS_FAILED : undefined
}
