import { type Frame, type UnitOfWork, createDriver } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import {
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  type Subscriber,
  asyncScheduler,
  distinctUntilChanged,
  startWith,
  takeWhile,
} from 'rxjs'
import type { FieldsAndPayload, Priority, RateLimitFields } from './core/fields.ts'
import type { Lane } from './core/line.ts'
import type { Refusal, Reservation } from './core/room.ts'
import {
  type LimiterEvent,
  type LimiterInput,
  type LimiterOutput,
  type Quota,
  RateLimitOptionError,
  type RateLimitStageOptions,
  createRateLimitStage,
} from './core/stage.ts'

/** Options of {@link createRateLimiter}. */
export interface RateLimiterOptions extends RateLimitStageOptions {
  /** Source of time and the timer. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /**
   * Joins the limiter to the steps of other stages: frames are released inside the unit, and whoever lets them out
   * puts `unitOfWork.committed()` before it. A limiter shared by channels should rather have its own `write`.
   */
  readonly unitOfWork?: UnitOfWork
  /** Where the used quota is stored, before the frames that use it are released; usually `store.write`. */
  readonly write?: (changes: readonly Change[]) => Promise<void>
  /** Put before the key of each change. @default '' */
  readonly keyPrefix?: string
}

/** Told on the side; see {@link RateLimiter.events$}. */
export type RateLimiterEvent =
  | LimiterEvent<unknown>
  /** The used quota could not be stored. It is tried again; frames leave meanwhile. */
  | { readonly type: 'store-failed'; readonly error: unknown }

/** The limiter was closed before what was waited for came. */
export class RateLimiterClosedError extends Error {
  override readonly name = 'RateLimiterClosedError'
  readonly code = 'ERR_RATE_LIMITER_CLOSED'
}

/**
 * Paces the frames of all channels of a node by one quota, since a membership of RLN has one, however many channels
 * share it. Made by {@link createRateLimiter}.
 */
export interface RateLimiter {
  /**
   * One channel's way through the limiter, as an operator: every frame comes out as the object that went in, later or
   * at once, in order within its class. It completes when its source has and the last frame has left. Unsubscribing
   * removes what waits.
   */
  lane<F extends Frame & RateLimitFields>(channelId: string): OperatorFunction<F, F>
  /**
   * Room for `count` frames of `bytes` payload bytes in all, used up by the frames that carry it in `reservation`:
   * so that all frames of a request get in, or none is made.
   */
  reserve(channelId: string, count: number, bytes: number): Reservation | Refusal
  /**
   * Resolves when there is room for `count` more frames of `bytes` in all. Rejects with a `RateLimiterClosedError` when
   * the limiter is closed, and with a `RateLimitOptionError` when there will never be that much.
   */
  ready(count?: number, bytes?: number): Promise<void>
  /**
   * Removes the channel's waiting frames, or those for which `predicate` holds.
   *
   * @returns How many were removed. Those released before are not among them.
   */
  remove(channelId: string, predicate?: (frame: Frame & RateLimitFields) => boolean): number
  /** The channel's waiting frames, by class, each in order. */
  waiting(channelId: string): (Frame & RateLimitFields)[]
  /**
   * How long (ms) a frame queued now would wait, if nothing else came and the quota stayed as it is.
   * `undefined` if that cannot be told: the provided quota is 0, or the limiter is closed.
   */
  estimate(channelId: string, priority?: Priority): number | undefined
  /** Looks at once whether the provided quota has changed. */
  refresh(): void
  /** The state of the quota: at once, and whenever it changes. */
  readonly quota$: Observable<Quota>
  /** What was replaced, expired or refused, and failures of the store. Hot. */
  readonly events$: Observable<RateLimiterEvent>
  /** Ends the lanes; what waits is dropped. */
  close(): void
}

const sameQuota = (a: Quota, b: Quota): boolean =>
  a.epoch === b.epoch &&
  a.limit === b.limit &&
  a.used === b.used &&
  a.waiting.critical === b.waiting.critical &&
  a.waiting.normal === b.waiting.normal &&
  a.waiting.optional === b.waiting.optional

/** A limiter whose lane takes anything; what {@link createRateLimiter} and `rateLimit` are made of. */
export interface AnyRateLimiter extends RateLimiter {
  laneOf<T>(channelId: string, fieldsOf: (value: T) => FieldsAndPayload): OperatorFunction<T, T>
}

/** Makes the limiter, for values of any kind. */
export function createAnyRateLimiter(options: RateLimiterOptions = {}): AnyRateLimiter {
  const { scheduler = asyncScheduler, write, unitOfWork, keyPrefix } = options
  const sinks = new Map<Lane, Subscriber<unknown>>()
  const quotas = new Subject<Quota>()
  const events = new Subject<RateLimiterEvent>()
  let closed = false
  let waiters: {
    readonly count: number
    readonly bytes: number
    readonly settle: (error?: Error) => void
  }[] = []

  const settleWaiters = (): void => {
    if (waiters.length === 0) return
    const ready = waiters.filter(({ count, bytes }) => stage.room.refusal(count, bytes, false) === undefined)
    if (ready.length === 0) return
    waiters = waiters.filter((waiter) => !ready.includes(waiter))
    for (const { settle } of ready) settle()
  }
  const closedError = (): RateLimiterClosedError => new RateLimiterClosedError('the rate limiter is closed')

  const stage = createRateLimitStage<unknown>({ ...options, onFreed: settleWaiters })
  const driver = createDriver<LimiterInput<unknown>, LimiterOutput<unknown>>(stage, {
    scheduler,
    ...(unitOfWork && { unitOfWork }),
    ...(keyPrefix !== undefined && { keyPrefix }),
    ...(write && { write }),
    onWriteError: (error) => events.next({ type: 'store-failed', error }),
  })

  driver.outputs$.subscribe({
    next: (output) => {
      if (output.type === 'released') sinks.get(output.lane)?.next(output.frame)
      else if (output.type === 'drained') sinks.get(output.lane)?.complete()
      else if (output.type === 'quota') quotas.next(output.quota)
      else events.next(output)
    },
    error: (error: unknown) => {
      closed = true
      for (const sink of sinks.values()) sink.error(error)
    },
    complete: () => {
      for (const sink of sinks.values()) sink.complete()
      quotas.complete()
      events.complete()
    },
  })

  const laneOf =
    <T>(channelId: string, fieldsOf: (value: T) => FieldsAndPayload): OperatorFunction<T, T> =>
    (source) =>
      new Observable<T>((subscriber) => {
        if (closed) return subscriber.complete()
        const lane = stage.openLane(channelId)
        sinks.set(lane, subscriber)
        subscriber.add(() => {
          sinks.delete(lane)
          stage.dropLane(lane)
        })
        subscriber.add(
          // Unsubscribing alone does not stop a synchronous source.
          source.pipe(takeWhile(() => !subscriber.closed)).subscribe({
            next: (frame) => driver.dispatch({ type: 'frame', lane, frame, fields: fieldsOf(frame) }),
            error: (error: unknown) => driver.whenFlushed(() => subscriber.error(error)),
            complete: () => driver.dispatch({ type: 'end', lane }),
          }),
        )
      })

  return {
    lane: (channelId) => laneOf(channelId, (frame) => frame),
    laneOf,
    reserve(channelId, count, bytes) {
      if (closed) return { granted: false, reason: 'closed', message: closedError().message }
      return stage.reserve(channelId, count, bytes)
    },
    ready(count = 1, bytes = 0) {
      if (closed) return Promise.reject(closedError())
      const refusal = stage.room.refusal(count, bytes, false)
      if (refusal === undefined) return Promise.resolve()
      if (refusal === 'too-many' || refusal === 'too-large') {
        const asked = `${count} frames of ${bytes} bytes`
        return Promise.reject(
          new RateLimitOptionError(`"count" and "bytes" expected no more than the queue holds, got ${asked}`),
        )
      }
      return new Promise<void>((resolve, reject) => {
        waiters.push({ count, bytes, settle: (error) => (error === undefined ? resolve() : reject(error)) })
      })
    },
    remove(channelId, predicate) {
      const removed = stage.remove(
        channelId,
        predicate && ((frame) => predicate(frame as Frame & RateLimitFields)),
      )
      if (removed > 0) driver.dispatch({ type: 'look' })
      return removed
    },
    waiting: (channelId) => stage.waiting(channelId) as (Frame & RateLimitFields)[],
    estimate: (channelId, priority) =>
      closed ? undefined : stage.estimate(channelId, priority, scheduler.now()),
    refresh: () => driver.dispatch({ type: 'look' }),
    quota$: new Observable((subscriber) => {
      if (closed) return subscriber.complete()
      stage.watched = true
      subscriber.add(
        quotas
          .pipe(startWith(stage.quota(scheduler.now())), distinctUntilChanged(sameQuota))
          .subscribe(subscriber),
      )
      subscriber.add(() => {
        stage.watched = quotas.observed
      })
      // From now on the end of an epoch is to be noticed even when nothing waits.
      driver.dispatch({ type: 'look' })
    }),
    events$: events.asObservable(),
    close() {
      if (closed) return
      closed = true
      for (const { settle } of waiters) settle(closedError())
      waiters = []
      driver.close()
    },
  }
}

/**
 * Makes a limiter that paces by aligned epochs; delays, never drops.
 *
 * Off unless `enabled` (or `quota`) is given: then frames pass at once, synchronously, through the same code.
 *
 * @throws RateLimitOptionError at a bad option.
 * @example
 * ```ts
 * const limiter = createRateLimiter({ enabled: true, epochMs: 600_000, messagesPerEpoch: 20 })
 * const chat$ = chatFrames$.pipe(limiter.lane('chat'))
 * const files$ = fileFrames$.pipe(limiter.lane('files'))
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  return createAnyRateLimiter(options)
}
