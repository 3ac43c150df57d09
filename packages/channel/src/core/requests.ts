import { NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { Change, Entry } from '@reliable-channels/store'
import { type StoredRequest, decodeRequest, encodeRequest } from './request-record.ts'

/** Where the dispatch of one segment stands. The last two are final. */
export type SegmentState = 'awaiting-rate-limit' | 'in-flight' | 'confirmed' | 'failed'

/** Where a request stands; the states up to `sending` are not final for anybody. */
export type RequestState =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'send-failed'
  | 'delivered'
  | 'delivery-failed'
  | 'cancelled'

/** What became of a request so far. */
export interface RequestStatus {
  readonly state: RequestState
  /** Counts of segments, parity included, except `acknowledged`, which counts data segments. */
  readonly segments: {
    readonly total: number
    readonly data: number
    readonly released: number
    readonly confirmed: number
    readonly failed: number
    readonly acknowledged: number
  }
  /** Participants who acknowledged enough segments to rebuild the payload. */
  readonly deliveredTo: readonly string[]
}

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
  /** The channel is open again: what the restart itself decided is told. */
  | { readonly type: 'resumed' }

/** What the channel is told of requests. */
export type RequestOutput =
  | { readonly type: 'status'; readonly requestId: string; readonly status: RequestStatus }
  /** Dispatch is over: `sent` or `send-error`, exactly one for each request. */
  | { readonly type: 'sent'; readonly requestId: string }
  | { readonly type: 'send-error'; readonly requestId: string; readonly error: string }
  /** Delivery is over: exactly one for each request that is not ephemeral. */
  | { readonly type: 'delivered'; readonly requestId: string; readonly deliveredTo: readonly string[] }
  | { readonly type: 'delivery-error'; readonly requestId: string; readonly error: string }
  /** Nothing more will be heard of the request. */
  | { readonly type: 'closed'; readonly requestId: string }

export const SEGMENTS_FAILED = 'one or more segments failed'
export const UNACKNOWLEDGED = 'the last retransmission was not acknowledged'

interface Segment {
  readonly request: Request
  readonly index: number
  state: SegmentState
  acknowledged: boolean
  /** SDS gave it up. */
  abandoned: boolean
  /** Its dispatch outcome, if there was one, was lost with the process: what SDS learns of it decides. */
  restored: boolean
}

interface Request {
  readonly requestId: string
  readonly messageIds: readonly string[]
  readonly dataCount: number
  readonly ephemeral: boolean
  readonly segments: Segment[]
  /** Number of segments that each participant has acknowledged. */
  readonly acknowledgedBy: Map<string, number>
  released: number
  confirmed: number
  failed: number
  acknowledged: number
  delivery: 'open' | 'delivered' | 'failed' | 'untracked'
  cancelled: boolean
}

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
 * 4. A request is forgotten when both have ended: nothing is kept for it.
 *
 * Work for each input does not grow with the number of requests or segments.
 */
export function createRequestStage(restore: Iterable<Entry> = []): RequestStage {
  const requests = new Map<string, Request>()
  const segments = new Map<string, Segment>()

  const add = (record: StoredRequest): Request => {
    const request: Request = {
      ...record,
      segments: [],
      acknowledgedBy: new Map(),
      released: 0,
      confirmed: 0,
      failed: 0,
      acknowledged: 0,
      delivery: record.ephemeral ? 'untracked' : 'open',
      cancelled: false,
    }
    record.messageIds.forEach((messageId, index) => {
      const segment: Segment = {
        request,
        index,
        state: 'awaiting-rate-limit',
        acknowledged: false,
        abandoned: false,
        restored: false,
      }
      request.segments.push(segment)
      segments.set(messageId, segment)
    })
    requests.set(request.requestId, request)
    return request
  }

  const dispatchOver = (request: Request): boolean =>
    request.confirmed + request.failed === request.segments.length

  const close = (request: Request, outputs: RequestOutput[], changes: Change[]): void => {
    if (!request.cancelled && (!dispatchOver(request) || request.delivery === 'open')) return
    requests.delete(request.requestId)
    for (const messageId of request.messageIds) {
      segments.delete(messageId)
      changes.push({ key: segmentKey(messageId), value: undefined })
    }
    changes.push({ key: requestKey(request.requestId), value: undefined })
    outputs.push({ type: 'closed', requestId: request.requestId })
  }

  /** The status of the request and, if this step ended dispatch or delivery, that. */
  const report = (request: Request, changes: Change[], ...ended: RequestOutput[]): Step<RequestOutput> => {
    const outputs: RequestOutput[] = [
      { type: 'status', requestId: request.requestId, status: statusOf(request) },
      ...ended,
    ]
    close(request, outputs, changes)
    return { outputs, changes }
  }

  const finalise = (
    segment: Segment,
    messageId: string,
    state: 'confirmed' | 'failed',
  ): Step<RequestOutput> => {
    const { request } = segment
    if (segment.state === 'confirmed' || segment.state === 'failed') return NO_STEP
    if (segment.state === 'awaiting-rate-limit') request.released++
    segment.state = state
    request[state]++
    const changes = [segmentChange(messageId, segment)]
    if (!dispatchOver(request)) return report(request, changes)
    const { requestId } = request
    return request.failed === 0
      ? report(request, changes, { type: 'sent', requestId })
      : report(request, changes, { type: 'send-error', requestId, error: SEGMENTS_FAILED })
  }

  const acknowledge = (segment: Segment, messageId: string, by: string): Step<RequestOutput> => {
    const { request } = segment
    if (request.delivery !== 'open') return NO_STEP
    request.acknowledgedBy.set(by, (request.acknowledgedBy.get(by) ?? 0) + 1)
    const changes: Change[] = []
    if (!segment.acknowledged) {
      segment.acknowledged = true
      if (segment.index < request.dataCount) request.acknowledged++
      changes.push(segmentChange(messageId, segment))
    }
    if (request.acknowledged < request.dataCount) return report(request, changes)
    request.delivery = 'delivered'
    const { requestId } = request
    return report(request, changes, { type: 'delivered', requestId, deliveredTo: deliveredTo(request) })
  }

  const abandon = (segment: Segment, messageId: string): Step<RequestOutput> => {
    const { request } = segment
    segment.abandoned = true
    const changes = [segmentChange(messageId, segment)]
    // Parity that nobody acknowledged is no loss.
    if (request.delivery !== 'open' || segment.index >= request.dataCount) return { outputs: [], changes }
    request.delivery = 'failed'
    return report(request, changes, {
      type: 'delivery-error',
      requestId: request.requestId,
      error: UNACKNOWLEDGED,
    })
  }

  /** What was acknowledged had been sent, and what SDS gave up had not, for all that is known after a restart. */
  const settleRestored = (
    segment: Segment,
    messageId: string,
    state: 'confirmed' | 'failed',
  ): Step<RequestOutput> => (segment.restored ? finalise(segment, messageId, state) : NO_STEP)

  /**
   * Ends what a restart has decided: what was acknowledged had been sent; what is not tracked, or was given up, will
   * not be. The other segments are SDS's to send again.
   */
  const resume = (): Step<RequestOutput> => {
    let step: Step<RequestOutput> = NO_STEP
    for (const [messageId, segment] of [...segments]) {
      const { acknowledged, abandoned, request } = segment
      if (!acknowledged && !abandoned && !request.ephemeral) continue
      step = both(step, settleRestored(segment, messageId, acknowledged ? 'confirmed' : 'failed'))
    }
    return step
  }

  const handle = (input: RequestInput): Step<RequestOutput> => {
    if (input.type === 'opened') {
      const request = add(input)
      return report(request, [{ key: requestKey(input.requestId), value: encodeRequest(input) }])
    }
    if (input.type === 'cancelled') {
      const request = requests.get(input.requestId)
      if (request === undefined || request.released > 0) return NO_STEP
      request.cancelled = true
      return report(request, [], { type: 'send-error', requestId: input.requestId, error: 'cancelled' })
    }
    if (input.type === 'resumed') return resume()
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
        return finalise(segment, input.messageId, input.type)
      case 'acknowledged':
        return both(
          settleRestored(segment, input.messageId, 'confirmed'),
          acknowledge(segment, input.messageId, input.by),
        )
      case 'delivery-failed':
        return both(settleRestored(segment, input.messageId, 'failed'), abandon(segment, input.messageId))
    }
  }

  restoreRequests(restore, add, segments)

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

const both = <T>(first: Step<T>, second: Step<T>): Step<T> => ({
  outputs: [...first.outputs, ...second.outputs],
  changes: [...first.changes, ...second.changes],
})

const requestKey = (requestId: string): string => `request/${requestId}`
const segmentKey = (messageId: string): string => `segment/${messageId}`

/** A segment's record: the dispatch outcome in the low bits, whether somebody acknowledged it or SDS gave it up. */
const CONFIRMED = 1
const FAILED = 2
const ACKNOWLEDGED = 0x10
const ABANDONED = 0x20

function segmentChange(messageId: string, { state, acknowledged, abandoned }: Segment): Change {
  const outcome = state === 'confirmed' ? CONFIRMED : state === 'failed' ? FAILED : 0
  const flags = (acknowledged ? ACKNOWLEDGED : 0) | (abandoned ? ABANDONED : 0)
  return { key: segmentKey(messageId), value: Uint8Array.of(outcome | flags) }
}

/**
 * Rebuilds what was open. A segment that was in flight is awaiting again: its outcome was lost with the process.
 * Who acknowledged is not kept, only that somebody did.
 */
function restoreRequests(
  entries: Iterable<Entry>,
  add: (record: StoredRequest) => Request,
  segments: ReadonlyMap<string, Segment>,
): void {
  const records: [messageId: string, record: number][] = []
  for (const { key, value } of entries) {
    if (key.startsWith('segment/')) records.push([key.slice('segment/'.length), value[0] ?? 0])
    else if (key.startsWith('request/')) {
      const record = decodeRequest(key.slice('request/'.length), value)
      if (record === undefined) continue
      for (const segment of add(record).segments) segment.restored = true
    }
  }
  for (const [messageId, record] of records) {
    const segment = segments.get(messageId)
    if (segment === undefined) continue
    const { request } = segment
    if ((record & ACKNOWLEDGED) !== 0) {
      segment.acknowledged = true
      if (segment.index < request.dataCount) request.acknowledged++
    }
    if ((record & ABANDONED) !== 0) {
      segment.abandoned = true
      if (segment.index < request.dataCount && !request.ephemeral) request.delivery = 'failed'
    }
    const outcome = record & 3
    if (outcome !== CONFIRMED && outcome !== FAILED) continue
    segment.state = outcome === CONFIRMED ? 'confirmed' : 'failed'
    request.released++
    request[segment.state]++
  }
}

function deliveredTo({ acknowledgedBy, dataCount }: Request): string[] {
  const names: string[] = []
  for (const [name, count] of acknowledgedBy) if (count >= dataCount) names.push(name)
  return names
}

function statusOf(request: Request): RequestStatus {
  const { segments, dataCount, released, confirmed, failed, acknowledged } = request
  return {
    state: stateOf(request),
    segments: { total: segments.length, data: dataCount, released, confirmed, failed, acknowledged },
    deliveredTo: deliveredTo(request),
  }
}

/** Delivery says more than dispatch: a segment that could not be dispatched may be delivered by retransmission. */
function stateOf({ cancelled, delivery, confirmed, failed, released, segments }: Request): RequestState {
  if (cancelled) return 'cancelled'
  if (delivery === 'delivered') return 'delivered'
  if (delivery === 'failed') return 'delivery-failed'
  if (confirmed + failed === segments.length) return failed === 0 ? 'sent' : 'send-failed'
  return released === 0 ? 'queued' : 'sending'
}
