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
  /** Open requests, oldest first. */
  open(): readonly SendHandle[]
  /** Requests, and their payload bytes, whose dispatch is not over. */
  undispatched(): { readonly requests: number; readonly bytes: number }
  /** There are fewer undispatched requests. Completes when the book is closed. */
  readonly fewer$: Observable<void>
  /** Ends every handle with {@link ChannelClosedError}; no event is emitted any more. */
  close(): void
}

/** Makes the book of a channel's requests. */
export function createRequestBook(options: RequestBookOptions): RequestBook {
  const { channelId, unitOfWork, scheduler, keyPrefix, restore, onCorrupt, restoreHandle, emit } = options
  const { sendAgain } = options
  const stage = createRequestStage(restore, onCorrupt, unitOfWork.persistent)
  const driver = createDriver(stage, { scheduler, unitOfWork, keyPrefix })
  const writers = new SparseMap<string, HandleWriter>()
  /** Of requests that have ended and are not stored yet. */
  const unstored = new SparseMap<string, HandleWriter>()
  /** Tells how long a request that is not released yet will still wait. */
  const estimates = new SparseMap<string, () => number | undefined>()
  /** Why the first segment of a request failed. */
  const causes = new SparseMap<string, { readonly cause: unknown }>()
  /** Payload bytes of the requests whose dispatch is not over. */
  const undispatched = new SparseMap<string, number>()
  let bytes = 0

  const fewer = new Subject<void>()

  const dispatched = (requestId: string): void => {
    const size = undispatched.get(requestId)
    if (size === undefined) return
    undispatched.delete(requestId)
    estimates.delete(requestId)
    bytes -= size
    fewer.next()
  }

  const tellOutcome = (outcome: Outcome): void => {
    const { requestId, redelivered = false } = outcome
    const request = { channelId, requestId, redelivered }
    const late = outcome.late && { late: outcome.late }
    switch (outcome.type) {
      case 'sent':
        dispatched(requestId)
        return emit({ type: 'reliable:message:sent', ...request, ...late })
      case 'send-error':
        dispatched(requestId)
        return emit({
          type: 'reliable:message:send-error',
          ...request,
          error: outcome.error,
          certain: outcome.certain,
          ...causes.get(requestId),
        })
      case 'delivered':
        return emit({
          type: 'reliable:message:delivered',
          ...request,
          deliveredTo: outcome.deliveredTo,
          ...late,
          ...(outcome.again && { again: true }),
        })
      case 'delivery-error':
        return emit({ type: 'reliable:message:delivery-error', ...request, error: outcome.error })
    }
  }

  const tellCaller = (output: RequestOutput): void => {
    const { requestId } = output
    if (output.type === 'status') {
      const status = withEstimate(output.status, estimates.get(requestId))
      return writers.get(requestId)?.update({ status })
    }
    // Its events have been heard: their handlers have returned. It may still be delivered.
    if (output.type === 'failed') return driver.dispatch({ type: 'told', requestId })
    if (output.type === 'send-again') return sendAgain(output.messageId, output.by)
    if (output.type !== 'closed') return tellOutcome(output)
    causes.delete(requestId)
    const writer = writers.get(requestId)
    writers.delete(requestId)
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
    writers.set(requestId, writer)
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
      const { requestId } = writer.handle
      writers.set(requestId, writer)
      estimates.set(requestId, estimateMs)
      undispatched.set(requestId, size)
      bytes += size
    },
    tell(input) {
      if (input.type === 'opened') writers.get(input.requestId)?.update({ messageId: input.messageId })
      driver.dispatch(input)
    },
    failedFor(requestId, cause) {
      if (causes.has(requestId) || !writers.has(requestId)) return
      causes.set(requestId, { cause })
      writers.get(requestId)?.update({ cause })
    },
    fail(requestId, error, cause) {
      dispatched(requestId)
      emit({
        type: 'reliable:message:send-error',
        channelId,
        requestId,
        redelivered: false,
        error,
        certain: true,
        ...(cause !== undefined && { cause }),
      })
      writers.get(requestId)?.end(new SendFailedError(error, { cause }))
      writers.delete(requestId)
    },
    accepted(requestId) {
      writers.get(requestId)?.update({ accepted: true })
      const ended = unstored.get(requestId)
      ended?.update({ accepted: true })
      ended?.end()
      unstored.delete(requestId)
    },
    handle: (requestId) => (writers.get(requestId) ?? unstored.get(requestId))?.handle,
    open: () =>
      [...writers.values()]
        .map(({ handle }) => handle)
        .filter(({ status }) => status.state !== 'delivery-failed'),
    undispatched: () => ({ requests: undispatched.size, bytes }),
    fewer$: fewer.asObservable(),
    close() {
      fewer.complete()
      isClosed = true
      driver.close()
      for (const writer of [...writers.values(), ...unstored.values()]) {
        writer.end(new ChannelClosedError('the channel was closed before the outcome was known'))
      }
      writers.clear()
      unstored.clear()
    },
  }
}

function withEstimate(status: RequestStatus, estimateMs: (() => number | undefined) | undefined): SendStatus {
  const estimatedMs = status.state === 'queued' ? estimateMs?.() : undefined
  return estimatedMs === undefined || estimatedMs === 0 ? status : { ...status, estimatedMs }
}
