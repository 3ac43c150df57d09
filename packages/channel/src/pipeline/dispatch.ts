import { whileOpen } from '@reliable-channels/stage'
import type { Envelope, TransportEvent } from '@reliable-channels/transport'
import { messageOf } from '../thrown.ts'
import { Observable, type OperatorFunction, type SchedulerLike, Subscription } from 'rxjs'

/** Hands one envelope to the network; resolves with the messaging request id. */
export type SendHandler = (envelope: Envelope) => Promise<string> | string

/** What the dispatch of a frame led to. Each frame ends in exactly one `confirmed` or `failed`. */
export type DispatchEvent<F> =
  /** The network accepted the request; the outcome follows. */
  | { readonly type: 'accepted'; readonly frame: F; readonly messagingId: string }
  | { readonly type: 'propagated' | 'confirmed'; readonly frame: F; readonly hash: string }
  | {
      readonly type: 'failed'
      readonly frame: F
      readonly hash: string
      readonly error: string
      readonly cause?: unknown
    }

/** Options of {@link dispatch}. */
export interface DispatchOptions {
  send: SendHandler
  events$: Observable<TransportEvent>
  /** Calls of `send` under way at once; further frames wait in order. @default 8 */
  maxConcurrentSends?: number
  /** A frame without an outcome after this time has failed, ms. @default 60_000 */
  timeoutMs?: number
  scheduler: SchedulerLike
}

/** Outcomes kept for ids that no `send` has returned yet. @limit The oldest is forgotten and its frame times out. */
const MAX_EARLY_OUTCOMES = 1024

/**
 * Hands each frame's envelope to the network and follows it to its outcome.
 *
 * The outcome may arrive before `send` has returned the id that it belongs to.
 * A `send` that rejects or throws fails its frame only.
 */
export function dispatch<F extends { readonly envelope: Envelope }>(
  options: DispatchOptions,
): OperatorFunction<F, DispatchEvent<F>> {
  return (source) =>
    new Observable((subscriber) => {
      const dispatcher = createDispatcher<F>(options, (event) => subscriber.next(event))
      subscriber.add(dispatcher.subscription)
      subscriber.add(
        source.pipe(whileOpen(subscriber)).subscribe({
          next: dispatcher.take,
          error: (error: unknown) => subscriber.error(error),
        }),
      )
    })
}

interface Attempt<F> {
  readonly frame: F
  readonly timer: Subscription
}

function createDispatcher<F extends { readonly envelope: Envelope }>(
  { send, events$, maxConcurrentSends = 8, timeoutMs = 60_000, scheduler }: DispatchOptions,
  emit: (event: DispatchEvent<F>) => void,
): { subscription: Subscription; take: (frame: F) => void } {
  const subscription = new Subscription()
  const waiting: F[] = []
  /** Attempts whose id is known. One id may stand for several when the network gives it twice. */
  const inFlight = new Map<string, Attempt<F>[]>()
  const early = new Map<string, TransportEvent>()
  let sending = 0

  const finish = (attempt: Attempt<F>, event: DispatchEvent<F>): void => {
    attempt.timer.unsubscribe()
    subscription.remove(attempt.timer)
    emit(event)
  }

  const fail = (attempt: Attempt<F>, error: string, cause?: unknown, hash = ''): void =>
    finish(attempt, {
      type: 'failed',
      frame: attempt.frame,
      hash,
      error,
      ...(cause !== undefined && { cause }),
    })

  const conclude = (attempts: readonly Attempt<F>[], event: TransportEvent): void => {
    for (const attempt of attempts) {
      if (event.type === 'message-error') fail(attempt, event.error, event.cause, event.hash)
      else if (event.type === 'message-sent')
        finish(attempt, { type: 'confirmed', frame: attempt.frame, hash: event.hash })
      else emit({ type: 'propagated', frame: attempt.frame, hash: event.hash })
    }
  }

  const outcome = (event: TransportEvent): void => {
    const attempts = inFlight.get(event.requestId)
    if (attempts !== undefined) {
      if (event.type !== 'message-propagated') inFlight.delete(event.requestId)
      conclude(attempts, event)
    } else if (sending > 0 && early.get(event.requestId)?.type !== 'message-sent') {
      if (early.size >= MAX_EARLY_OUTCOMES) early.delete(early.keys().next().value!)
      early.set(event.requestId, event)
    }
  }

  const accepted = (attempt: Attempt<F>, messagingId: string): void => {
    const event = early.get(messagingId)
    early.delete(messagingId)
    emit({ type: 'accepted', frame: attempt.frame, messagingId })
    if (event === undefined || event.type === 'message-propagated') {
      const others = inFlight.get(messagingId)
      if (others === undefined) inFlight.set(messagingId, [attempt])
      else others.push(attempt)
    }
    if (event !== undefined) conclude([attempt], event)
  }

  const sent = (): void => {
    sending--
    const next = waiting.shift()
    if (next !== undefined) start(next)
    else if (sending === 0) early.clear()
  }

  const start = (frame: F): void => {
    sending++
    let over = false
    const timer = scheduler.schedule(() => {
      const id = [...inFlight].find(([, attempts]) => attempts.includes(attempt))?.[0]
      if (id !== undefined) inFlight.delete(id)
      settle(() => fail(attempt, `no outcome within ${timeoutMs} ms`))
    }, timeoutMs)
    const attempt: Attempt<F> = { frame, timer }
    subscription.add(timer)
    /** The call of `send` is over, by its own end or by the timeout; whichever comes first counts. */
    const settle = (then: () => void): void => {
      const first = !over
      over = true
      if (subscription.closed) return
      then()
      if (first) sent()
    }
    const rejected = (error: string, cause: unknown): void => {
      if (!over) settle(() => fail(attempt, `messaging send failed: ${error}`, cause))
    }
    try {
      Promise.resolve(send(frame.envelope)).then(
        (messagingId) => {
          if (!over) settle(() => accepted(attempt, messagingId))
        },
        (error: unknown) => rejected(messageOf(error), error),
      )
    } catch (error) {
      rejected(`messaging send raised: ${messageOf(error)}`, error)
    }
  }

  subscription.add(events$.subscribe(outcome))
  return {
    subscription,
    take(frame) {
      if (sending < maxConcurrentSends) start(frame)
      else waiting.push(frame)
    },
  }
}
