import { SparseMap, SparseSet } from '@reliable-channels/stage/core'
import type { Envelope, TransportEvent } from '@reliable-channels/transport'
import { reasonOf } from '../thrown.ts'
import { Deadlines } from './deadlines.ts'
import { type Prioritised, WaitingLine } from './waiting-line.ts'
import type { SchedulerLike } from 'rxjs'
import type { EventRouter } from '../opening/event-router.ts'

/** Hands one envelope to the network; resolves with the messaging request id. */
export type SendHandler = (envelope: Envelope) => Promise<string> | string

/** News of a frame's dispatch. Each frame ends in exactly one `confirmed` or `failed`. */
export type DispatchEvent<F> =
  /** The network accepted the request; the outcome follows. */
  | { readonly type: 'accepted'; readonly frame: F; readonly messagingId: string }
  | { readonly type: 'propagated'; readonly frame: F; readonly hash: string }
  /** `late`: the frame had failed for want of an outcome. */
  | { readonly type: 'confirmed'; readonly frame: F; readonly hash: string; readonly late: boolean }
  | {
      readonly type: 'failed'
      readonly frame: F
      readonly hash: string
      readonly error: string
      /** Whether nobody has it. */
      readonly certain: boolean
      readonly cause?: unknown
    }

/** Options of {@link createDispatcher}. */
export interface DispatchOptions<F = unknown> {
  send: SendHandler
  events: EventRouter
  /** Calls of `send` under way at once; further frames wait, the more urgent leave first. @default 8 */
  maxConcurrentSends?: number
  /** How long `send` may take, and then the outcome, ms; beyond it the frame has failed. @default 60_000 */
  timeoutMs?: number
  scheduler: SchedulerLike
  /** The transport has ended with an error. */
  died: (error: unknown) => void
  /** A call of `send` is over, or waited for no longer. */
  settled?: (frame: F) => void
}

/** Calls of `send` under way at once, where it is not said. */
export const MAX_CONCURRENT_SENDS = 8

/** Outcomes kept for ids that no `send` has returned yet. @limit The oldest is forgotten and its frame times out. */
const MAX_EARLY_OUTCOMES = 1024

/** Frames without an outcome that are remembered. @limit The oldest is forgotten: that it was sent is not learnt. */
const MAX_OVERDUE = 1024

/** Hands envelopes to the network. */
export interface Dispatcher<F> {
  readonly take: (frame: F) => void
  /** Nothing is told any more. */
  readonly close: () => void
}

interface Attempt<F> {
  readonly frame: F
  /** The id that `send` gave for it, once it did. */
  messagingId?: string
  /** It has failed for want of an outcome; that it was sent may still come to light. */
  isOverdue: boolean
}

/**
 * Hands each frame's envelope to the network and follows it to its outcome.
 *
 * The outcome may arrive before `send` has returned the id that it belongs to.
 * A `send` that rejects or throws fails its frame only.
 */
export function createDispatcher<F extends { readonly envelope: Envelope } & Prioritised>(
  {
    send,
    events,
    maxConcurrentSends = MAX_CONCURRENT_SENDS,
    timeoutMs = 60_000,
    scheduler,
    settled,
    died,
  }: DispatchOptions<F>,
  tell: (event: DispatchEvent<F>) => void,
): Dispatcher<F> {
  let isClosed = false
  const emit = (event: DispatchEvent<F>): void => {
    if (!isClosed) tell(event)
  }
  const waiting = new WaitingLine<F>()
  /** Overdue attempts that are followed, oldest first. */
  const overdue = new SparseSet<Attempt<F>>()
  const early = new SparseMap<string, TransportEvent>()
  let sending = 0

  const finish = (attempt: Attempt<F>, event: DispatchEvent<F>): void => {
    deadlines.disarm(attempt)
    emit(event)
  }

  const fail = (
    attempt: Attempt<F>,
    why: {
      readonly error: string
      readonly certain: boolean
      readonly cause?: unknown
      readonly hash?: string
    },
  ): void => finish(attempt, { type: 'failed', frame: attempt.frame, hash: '', ...why })

  const conclude = (attempt: Attempt<F>, event: TransportEvent): void => {
    const { frame, isOverdue } = attempt
    if (event.type === 'message-sent') {
      finish(attempt, { type: 'confirmed', frame, hash: event.hash, late: isOverdue })
    } else if (isOverdue) return
    else if (event.type === 'message-propagated') emit({ type: 'propagated', frame, hash: event.hash })
    else {
      const { error, cause, hash = '', certain = false } = event
      fail(attempt, { error, certain, hash, ...(cause !== undefined && { cause }) })
    }
  }

  const outcome = (event: TransportEvent, attempt: Attempt<F> | undefined): void => {
    if (attempt !== undefined) {
      if (event.type !== 'message-propagated') {
        member.forget(event.requestId, attempt)
        overdue.delete(attempt)
      }
      conclude(attempt, event)
    } else if (early.get(event.requestId)?.type !== 'message-sent') {
      if (early.size >= MAX_EARLY_OUTCOMES) early.delete(early.keys().next().value!)
      early.set(event.requestId, event)
    }
  }

  const accepted = (attempt: Attempt<F>, messagingId: string): void => {
    attempt.messagingId = messagingId
    const event = early.get(messagingId)
    early.delete(messagingId)
    if (!attempt.isOverdue) {
      // The transport's own limit counts from here, and is not longer than this one.
      deadlines.arm(attempt)
      emit({ type: 'accepted', frame: attempt.frame, messagingId })
    }
    if (event === undefined || event.type === 'message-propagated') {
      member.follow(messagingId, attempt)
      if (attempt.isOverdue) keepOverdue(attempt)
    }
    if (event !== undefined) conclude(attempt, event)
  }

  const keepOverdue = (attempt: Attempt<F>): void => {
    overdue.add(attempt)
    if (overdue.size <= MAX_OVERDUE) return
    const oldest = overdue.values().next().value!
    overdue.delete(oldest)
    member.forget(oldest.messagingId!, oldest)
  }

  const sent = (frame: F): void => {
    if (isClosed) return
    sending--
    const next = waiting.shift()
    if (next !== undefined) start(next)
    else if (sending === 0) {
      early.clear()
      member.expect(false)
    }
    settled?.(frame)
  }

  const overdueNow = (attempt: Attempt<F>): void => {
    attempt.isOverdue = true
    if (attempt.messagingId !== undefined) keepOverdue(attempt)
    fail(attempt, { error: `no outcome within ${timeoutMs} ms`, certain: false })
    // A call of `send` that never returns holds up no other.
    if (attempt.messagingId === undefined) sent(attempt.frame)
  }
  const deadlines = new Deadlines<Attempt<F>>({ limitMs: timeoutMs, scheduler, passed: overdueNow })

  const start = (frame: F): void => {
    if (sending++ === 0) member.expect(true)
    const attempt: Attempt<F> = { frame, isOverdue: false }
    deadlines.arm(attempt)
    /** The call of `send` is over. */
    const settle = (then: () => void): void => {
      if (isClosed) return
      const hadFailed = attempt.isOverdue
      then()
      if (!hadFailed) sent(frame)
    }
    const rejected = (error: string, cause: unknown): void =>
      settle(() => {
        if (attempt.isOverdue) return
        fail(attempt, { error: `messaging send failed: ${error}`, certain: true, cause })
      })
    try {
      Promise.resolve(send(frame.envelope)).then(
        (messagingId) => settle(() => accepted(attempt, messagingId)),
        (error: unknown) => rejected(reasonOf(error), error),
      )
    } catch (error) {
      rejected(`messaging send raised: ${reasonOf(error)}`, error)
    }
  }

  const member = events.join<Attempt<F>>({ next: outcome, error: died })
  return {
    take(frame) {
      if (sending < maxConcurrentSends) start(frame)
      else waiting.push(frame)
    },
    close() {
      isClosed = true
      for (const attempt of [...deadlines.close(), ...overdue])
        member.forget(attempt.messagingId ?? '', attempt)
      member.leave()
    },
  }
}
