import { SparseMap } from '@reliable-channels/stage/core'
import { type UnitOfWork, createDriver } from '@reliable-channels/stage'
import type { Entry } from '@reliable-channels/store'
import { type Observable, type SchedulerLike, Subject } from 'rxjs'
import type { Outcome, RequestOutput } from '../core/request-outcome.ts'
import { type RequestInput, type RequestStage, createRequestStage } from '../core/requests.ts'
import type { RequestStatus } from '../core/request-status.ts'
import { ChannelClosedError } from '../closed-error.ts'
import type { ChannelEvent, SendStatus } from '../events.ts'
import { type HandleWriter, type SendHandle, SendFailedError } from './send-handle.ts'

/** Options of {@link createRequestBook}. */
export interface RequestBookOptions {
  channelId: string
  unitOfWork: UnitOfWork
  scheduler: SchedulerLike
  keyPrefix: string
  restore: Iterable<Entry>
  /** Told of each stored entry that cannot be read. */
  onCorrupt: (key: string, reason: string) => void
  /** Makes the handle of a request that was open when the process ended. */
  restoreHandle: (requestId: string, ephemeral: boolean) => HandleWriter
  emit: (event: ChannelEvent) => void
  /** A segment is to be sent again to one who has lost it. */
  sendAgain: (messageId: string, by: string) => void
}

/** The open requests of a channel: their state machine, their handles, their events. */
export interface RequestBook extends Pick<RequestStage, 'status' | 'messageIds' | 'restored'> {
  /** A handle was given out; nothing is known of its segments yet. */
  add(writer: HandleWriter, bytes: number, estimateMs: () => number | undefined): void
  /** The segments are wrapped, or something happened to one. */
  tell(input: RequestInput): void
  /** Why a segment of the request failed; the first reason is that of the request. */
  failedFor(requestId: string, cause: unknown): void
  /** The request was never wrapped: it ends with this error. */
  fail(requestId: string, error: string, cause?: unknown): void
  /** The decision about the request is stored. */
  accepted(requestId: string): void
  handle(requestId: string): SendHandle | undefined
  /** Open requests: those that a restart brought back in no order, then the others, oldest first. */
  open(): readonly SendHandle[]
  /** Requests, and their payload bytes, whose dispatch is not over. */
  undispatched(): { readonly requests: number; readonly bytes: number }
  /** There are fewer undispatched requests. Completes when the book is closed. */
  readonly fewer$: Observable<void>
  /** Ends every handle with {@link ChannelClosedError}; no event is emitted any more. */
  close(): void
}

/** What the book has of a request that is not over. */
interface OpenRequest {
  readonly writer: HandleWriter
  /** Tells how long it will still wait, until it is dispatched. */
  estimateMs: (() => number | undefined) | undefined
  /** Of its payload, until it is dispatched. */
  bytes: number | undefined
  /** Why its first segment failed. */
  cause: { readonly cause: unknown } | undefined
}

/** Makes the book of a channel's requests. */
export function createRequestBook(options: RequestBookOptions): RequestBook {
  const { channelId, unitOfWork, scheduler, keyPrefix, restore, onCorrupt, restoreHandle, emit } = options
  const { sendAgain } = options
  const stage = createRequestStage(restore, onCorrupt, unitOfWork.persistent)
  const driver = createDriver(stage, { scheduler, unitOfWork, keyPrefix })
  const open = new SparseMap<string, OpenRequest>()
  /** Of requests that have ended and are not stored yet. */
  const unstored = new SparseMap<string, HandleWriter>()
  /** Requests, and their payload bytes, whose dispatch is not over. */
  let undispatched = 0
  let bytes = 0

  const fewer = new Subject<void>()

  const dispatched = (request: OpenRequest | undefined): void => {
    if (request?.bytes === undefined) return
    undispatched--
    bytes -= request.bytes
    request.bytes = request.estimateMs = undefined
    if (fewer.observed) fewer.next()
  }

  const tellOutcome = (outcome: Outcome): void => {
    const { type, requestId, redelivered = false } = outcome
    const isDispatch = type === 'sent' || type === 'send-error'
    const request = isDispatch ? open.get(requestId) : undefined
    dispatched(request)
    const cause = type === 'send-error' ? request?.cause : undefined
    emit({ ...outcome, type: `reliable:message:${type}`, channelId, redelivered, ...cause } as ChannelEvent)
  }

  const tellCaller = (output: RequestOutput): void => {
    const { requestId } = output
    if (output.type === 'status') {
      const request = open.get(requestId)
      request?.writer.update({ status: withEstimate(output.status, request.estimateMs) })
      return
    }
    // Its events have been heard: their handlers have returned. It may still be delivered.
    if (output.type === 'failed') return driver.dispatch({ type: 'told', requestId })
    if (output.type === 'send-again') return sendAgain(output.messageId, output.by)
    if (output.type !== 'closed') return tellOutcome(output)
    const writer = open.get(requestId)?.writer
    open.delete(requestId)
    // While the store fails, whoever waits for accepted() still does.
    if (writer?.accepted === false) unstored.set(requestId, writer)
    else writer?.end()
    // Its events have been heard: their handlers have returned.
    driver.dispatch({ type: 'told', requestId })
  }

  for (const requestId of stage.open()) {
    const writer = restoreHandle(requestId, stage.ephemeral(requestId))
    const messageId = stage.messageId(requestId)!
    writer.update({ status: stage.status(requestId)!, accepted: true, messageId })
    open.set(requestId, { writer, estimateMs: undefined, bytes: undefined, cause: undefined })
  }
  let isClosed = false
  driver.tell({
    next: (output) =>
      unitOfWork.after(() => {
        if (!isClosed) tellCaller(output)
      }),
  })

  return {
    status: stage.status,
    messageIds: stage.messageIds,
    restored: stage.restored,
    add(writer, size, estimateMs) {
      open.set(writer.handle.requestId, { writer, estimateMs, bytes: size, cause: undefined })
      undispatched++
      bytes += size
    },
    tell(input) {
      if (input.type === 'opened') open.get(input.requestId)?.writer.update({ messageId: input.messageId })
      driver.dispatch(input)
    },
    failedFor(requestId, cause) {
      const request = open.get(requestId)
      if (request === undefined || request.cause !== undefined) return
      request.cause = { cause }
      request.writer.update({ cause })
    },
    fail(requestId, error, cause) {
      const request = open.get(requestId)
      dispatched(request)
      emit({
        type: 'reliable:message:send-error',
        channelId,
        requestId,
        redelivered: false,
        error,
        certain: true,
        ...(cause !== undefined && { cause }),
      })
      request?.writer.end(new SendFailedError(error, { cause }))
      open.delete(requestId)
    },
    accepted(requestId) {
      open.get(requestId)?.writer.update({ accepted: true })
      const ended = unstored.get(requestId)
      ended?.update({ accepted: true })
      ended?.end()
      unstored.delete(requestId)
    },
    handle: (requestId) => (open.get(requestId)?.writer ?? unstored.get(requestId))?.handle,
    open: () =>
      [...open.values()]
        .map(({ writer }) => writer.handle)
        .filter(({ status }) => status.state !== 'delivery-failed'),
    undispatched: () => ({ requests: undispatched, bytes }),
    fewer$: fewer.asObservable(),
    close() {
      fewer.complete()
      isClosed = true
      driver.close()
      const writers = [...open.values()].map(({ writer }) => writer)
      for (const writer of [...writers, ...unstored.values()]) {
        writer.end(new ChannelClosedError('the channel was closed before the outcome was known'))
      }
      open.clear()
      unstored.clear()
    },
  }
}

function withEstimate(status: RequestStatus, estimateMs: (() => number | undefined) | undefined): SendStatus {
  const estimatedMs = status.state === 'queued' ? estimateMs?.() : undefined
  return estimatedMs === undefined || estimatedMs === 0 ? status : { ...status, estimatedMs }
}
