import type { FollowedMessage } from '@reliable-channels/sds'
import { SparseMap, NO_STEP, type Stage, type Step } from '@reliable-channels/stage/core'
import type { Change, Entry } from '@reliable-channels/store'
import { DividedRequests } from './divided.ts'
import { type RequestOutput, endOf, isOver, mayBeDelivered, outcomesOf } from './request-outcome.ts'
import { forgetChanges, requestChanges } from './request-changes.ts'
import {
  CANCELLED,
  DAMAGED,
  DIVIDED,
  FORGOTTEN,
  type RequestStatus,
  UNACKNOWLEDGED,
} from './request-status.ts'
import {
  abandon,
  acknowledge,
  confirmLate,
  failDelivery,
  finalise,
  isKnownByHint,
  release,
  reportRequest,
  withdraw,
} from './request-transitions.ts'
import { type Request, type RequestSegment, newRequest, statusOf } from './request.ts'
import { restoreRequests } from './restore-requests.ts'

/** Inputs about requests. A segment is known by the id of the SDS message that carries it. */
export type RequestInput =
  | {
      readonly type: 'opened'
      readonly requestId: string
      /** The message as a whole; see `idOfMessage`. */
      readonly messageId: string
      /** Ids of all segments, data first: N is fixed here. */
      readonly messageIds: readonly string[]
      readonly dataCount: number
      readonly ephemeral: boolean
    }
  | { readonly type: 'released'; readonly messageId: string }
  /** `forgotten`: it cannot be sent again. */
  | { readonly type: 'delivery-failed'; readonly messageId: string; readonly forgotten?: boolean | undefined }
  /** `late`: it had counted as failed. */
  | { readonly type: 'confirmed'; readonly messageId: string; readonly late?: boolean }
  /** `certain`: nobody has it. */
  | { readonly type: 'failed'; readonly messageId: string; readonly certain?: boolean }
  /** Somebody has a segment, or does not have it any more. */
  | {
      readonly type: 'acknowledged' | 'acknowledgement-withdrawn'
      readonly messageId: string
      readonly by: string
    }
  | { readonly type: 'cancelled'; readonly requestId: string }
  /** The application has been told how the request ended. */
  | { readonly type: 'told'; readonly requestId: string }
  /** The channel is open again, and tells the outcomes that the restart itself decided. */
  | {
      readonly type: 'resumed'
      /** Whether SDS still waits for the acknowledgement of a message. */
      readonly isTracked: (messageId: string) => boolean
      /** Whether the network has a message, as far as that is remembered. */
      readonly reachedNetwork: (messageId: string) => boolean
      /** Told of segments that were acknowledged before, and of which it matters who else has them. */
      readonly follow: (messages: readonly FollowedMessage[]) => void
    }

/** A request that a restart has brought back, and how many of its segments each member has. */
export interface OpenRequest {
  readonly requestId: string
  readonly messageId: string
  readonly messageIds: readonly string[]
  readonly dataCount: number
  readonly acknowledgedBy: Pick<ReadonlyMap<string, number>, 'get' | 'keys' | typeof Symbol.iterator>
}

/** The state machine of requests, which also tells what is open. */
export interface RequestStage extends Stage<RequestInput, RequestOutput> {
  /** Ids of the open requests: those that a restart brought back in no order, then the others, oldest first. */
  open(): IterableIterator<string>
  /** Those that a restart has brought back. */
  restored(): Iterable<OpenRequest>
  ephemeral(requestId: string): boolean
  messageIds(requestId: string): readonly string[] | undefined
  /** The id of the message as a whole. */
  messageId(requestId: string): string | undefined
  status(requestId: string): RequestStatus | undefined
}

/** Requests kept whose delivery failed. @limit The oldest is forgotten: that it was delivered late is not told. */
const MAX_FAILED = 1_000

/**
 * Follows each request from its segments to its two outcomes, dispatch and delivery.
 *
 * Invariants, kept by each step:
 * 1. A segment leaves *awaiting-rate-limit* once, no transition leaves *confirmed*, and one leaves *failed*: its outcome,
 *    when that comes too late.
 * 2. Dispatch ends when all segments are final, with `sent` if all are confirmed, else `send-error`; exactly once, but for
 *    a late `sent` after an error.
 * 3. Delivery ends at `delivered` when one member acknowledged as many segments as there is data, at `delivery-error`
 *    when SDS gave a data segment up, or each was acknowledged by somebody and for long nobody had all; exactly once, but for a late `delivered` after an error, and never for an ephemeral
 *    request. It is open again once each member who had all of it has lost some.
 * 4. A request is forgotten when both have ended and that was told: nothing is kept for it. One that failed is kept till
 *    it is delivered, or many others have failed since. After a restart, the ends of those whose end was not told are told
 *    again.
 *
 * Work for each input does not grow with the number of requests or segments.
 *
 * @param isStored Without a store there is nothing to write down.
 */
export function createRequestStage(
  restore: Iterable<Entry> = [],
  onCorrupt?: (key: string, reason: string) => void,
  isStored = true,
): RequestStage {
  const requests = new SparseMap<string, Request>()
  const segments = new SparseMap<string, RequestSegment>()
  const { requests: restored, orphans } = restoreRequests(restore, onCorrupt)

  const add = (request: Request): void => {
    requests.set(request.requestId, request)
    for (const segment of request.segments) segments.set(segment.messageId, segment)
  }
  restored.forEach(add)
  /** Those whose delivery failed, and that was told; oldest first. */
  const failed = new Set(restored.filter(({ told, delivery }) => told && delivery === 'failed'))
  const isRestored = new Set(restored)
  /** Requests that had ended before the restart, whether that was told then or not. */
  const endedBefore = restored.flatMap(outcomesOf)

  const divided = new DividedRequests()

  const forget = (request: Request): Change[] => {
    requests.delete(request.requestId)
    failed.delete(request)
    for (const messageId of request.messageIds) segments.delete(messageId)
    return forgetChanges(request)
  }

  /** Keeps a request that failed, so that it may still be delivered; the oldest of many is forgotten. */
  const keepFailed = (request: Request): Step<RequestOutput> => {
    const changes: Change[] = []
    if (!request.told) {
      request.told = true
      changes.push(...requestChanges(request))
    }
    failed.delete(request)
    failed.add(request)
    if (failed.size <= MAX_FAILED) return { outputs: [], changes }
    const oldest = failed.values().next().value!
    changes.push(...forget(oldest))
    return { outputs: [{ type: 'closed', requestId: oldest.requestId }], changes }
  }

  /**
   * After a restart a segment that was acknowledged counts as sent, and one that SDS gave up as not sent. Where it is not stored
   * that one was sent, that was perhaps told before.
   */
  const settleRestored = (segment: RequestSegment, state: 'confirmed' | 'failed'): Step<RequestOutput> => {
    if (!segment.restored) return NO_STEP
    const redelivered = isKnownByHint(segment.request)
    const { outputs, changes } = finalise(segment, state, false)
    return {
      outputs: outputs.map((output) => (output.type === 'sent' ? { ...output, redelivered } : output)),
      changes,
    }
  }

  /**
   * Ends segments whose outcome the restart decides. An acknowledged one had been sent, and so had one that the
   * network has; one that SDS does not track, or gave up, will not be. One that SDS should have and does not was damaged in
   * the store. SDS sends the others again.
   */
  const resume = (input: Extract<RequestInput, { type: 'resumed' }>): Step<RequestOutput> => {
    const { isTracked, reachedNetwork, follow } = input
    const outputs: RequestOutput[] = []
    const changes: Change[] = orphans.splice(0).map((key) => ({ key, value: undefined }))
    const include = (step: Step<RequestOutput>): void => {
      outputs.push(...step.outputs)
      changes.push(...step.changes)
    }
    const ended = new Set<string>()
    for (const output of endedBefore.splice(0)) {
      if (!requests.has(output.requestId)) continue
      const isEnd = output.type === 'closed' || output.type === 'failed'
      if (isEnd) ended.add(output.requestId)
      outputs.push(isEnd ? output : { ...output, redelivered: true })
    }
    for (const request of requests.values()) {
      const end = request.told || ended.has(request.requestId) ? undefined : endOf(request)
      if (end !== undefined) outputs.push(end)
    }
    for (const segment of [...segments.values()]) {
      const { acknowledgedBy, abandoned, request } = segment
      if (!segment.restored || isOver(request)) continue
      const { size } = acknowledgedBy
      if (size > 0 || reachedNetwork(segment.messageId)) include(settleRestored(segment, 'confirmed'))
      else if (abandoned || request.ephemeral || !isTracked(segment.messageId))
        include(settleRestored(segment, 'failed'))
      if (size === 0 && !request.ephemeral && !isTracked(segment.messageId))
        include(abandon(segment, DAMAGED))
    }
    for (const request of isRestored) {
      if (request.ephemeral || request.cancelled) continue
      follow(followedOf(request).filter(({ messageId }) => !isTracked(messageId)))
    }
    for (const request of requests.values()) {
      // SDS tracks none of its segments any more: nothing is sent again, and only what others say by chance tells who has them.
      if (request.delivery === 'open' && isRestored.has(request) && !request.messageIds.some(isTracked)) {
        include(failDelivery(request, DIVIDED))
        if (request.told) failed.add(request)
      }
    }
    return { outputs, changes }
  }

  const handle = (input: RequestInput): Step<RequestOutput> => {
    if (input.type === 'opened') {
      const request = newRequest(input, isStored)
      add(request)
      return reportRequest(request, requestChanges(request))
    }
    if (input.type === 'cancelled') {
      const request = requests.get(input.requestId)
      if (request === undefined || request.released > 0) return NO_STEP
      request.cancelled = true
      // Whoever cancelled knows.
      const { outputs } = reportRequest(request, [], {
        type: 'send-error',
        requestId: input.requestId,
        error: CANCELLED,
        certain: true,
      })
      return { outputs, changes: forget(request) }
    }
    if (input.type === 'told') {
      const request = requests.get(input.requestId)
      // The request stays until 'resumed' has told again how it ended.
      if (endedBefore.some(({ requestId }) => requestId === input.requestId)) return NO_STEP
      if (request === undefined || !isOver(request)) return NO_STEP
      return mayBeDelivered(request) ? keepFailed(request) : { outputs: [], changes: forget(request) }
    }
    if (input.type === 'resumed') return resume(input)
    const segment = segments.get(input.messageId)
    // An outcome of another channel's message, or of a request that has ended.
    if (segment === undefined) return NO_STEP
    switch (input.type) {
      case 'released':
        return release(segment)
      case 'confirmed':
        return input.late === true ? confirmLate(segment) : finalise(segment, 'confirmed', true)
      case 'failed':
        return finalise(segment, 'failed', input.certain === true)
      case 'acknowledged':
        return both(settleRestored(segment, 'confirmed'), acknowledge(segment, input.by))
      case 'acknowledgement-withdrawn':
        return withdraw(segment, input.by)
      case 'delivery-failed':
        return both(
          settleRestored(segment, 'failed'),
          abandon(segment, input.forgotten ? FORGOTTEN : UNACKNOWLEDGED),
        )
    }
  }

  return {
    handle(input, now) {
      const step = handle(input)
      if ('messageId' in input) divided.note(segments.get(input.messageId)?.request, now)
      return step
    },
    deadline: () => divided.deadline(),
    tick: (now) =>
      divided
        .due(now)
        .reduce<Step<RequestOutput>>((step, request) => both(step, failDelivery(request, DIVIDED)), NO_STEP),
    open: () => requests.keys(),
    restored: () => isRestored,
    ephemeral: (requestId) => requests.get(requestId)?.ephemeral ?? false,
    messageIds: (requestId) => requests.get(requestId)?.messageIds,
    messageId: (requestId) => requests.get(requestId)?.messageId,
    status(requestId) {
      const request = requests.get(requestId)
      return request && statusOf(request)
    },
  }
}

/** Who has acknowledged its segments, as far as that is stored. */
const followedOf = ({ segments }: Request): FollowedMessage[] =>
  segments.map(({ messageId, acknowledgedBy }) => ({ messageId, acknowledgedBy: [...acknowledgedBy] }))

function both<T>(first: Step<T>, second: Step<T>): Step<T> {
  if (first === NO_STEP) return second
  return { outputs: [...first.outputs, ...second.outputs], changes: [...first.changes, ...second.changes] }
}
