import { type Frame, type Port, checkDriverOptions, createDriver, whileOpen } from '@reliable-channels/stage'
import {
  Observable,
  type OperatorFunction,
  Subject,
  type Subscriber,
  asyncScheduler,
  distinctUntilChanged,
  map,
  startWith,
} from 'rxjs'
import type { FieldsAndPayload, RateLimitFields } from './core/fields.ts'
import type { LimiterLane } from './core/line.ts'
import type { LimiterInput, LimiterOutput, Quota } from './core/messages.ts'
import { RateLimitOptionError, type RateLimitStageOptions, check, limiterSettings } from './core/options.ts'
import { createRateLimitStage } from './core/stage.ts'
import { latestQuota } from './latest-quota.ts'
import { Outlet } from './outlet.ts'
import {
  type RateLimiter,
  RateLimiterClosedError,
  type RateLimiterEvent,
  type RateLimiterOptions,
} from './rate-limiter.ts'

const sameQuota = (a: Quota, b: Quota): boolean =>
  a.epoch === b.epoch &&
  a.limit === b.limit &&
  a.used === b.used &&
  a.waiting.critical === b.waiting.critical &&
  a.waiting.normal === b.waiting.normal &&
  a.waiting.optional === b.waiting.optional

const nothing = (): void => {}

/** A limiter whose lane takes anything; what {@link createRateLimiter} and `rateLimit` are made of. */
export interface AnyRateLimiter extends RateLimiter {
  laneOf<T>(channelId: string, fieldsOf: (value: T) => FieldsAndPayload): OperatorFunction<T, T>
}

/**
 * Checks the options of {@link createRateLimiter}, and makes nothing.
 *
 * @throws RateLimitOptionError, StageOptionError at a bad option.
 */
export function checkRateLimiterOptions(options: RateLimiterOptions): void {
  limiterSettings(options as RateLimitStageOptions)
  checkDriverOptions(options)
}

/** Makes the limiter, for values of any kind. */
export function createAnyRateLimiter(options: RateLimiterOptions = {}): AnyRateLimiter {
  check.object('options', options)
  const { scheduler = asyncScheduler, write, unitOfWork, keyPrefix } = options
  const quotas = new Subject<Quota>()
  const events = new Subject<RateLimiterEvent>()
  const storesItself = write !== undefined && unitOfWork === undefined
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
  const closedError = (options?: ErrorOptions): RateLimiterClosedError =>
    new RateLimiterClosedError('the rate limiter is closed', options)
  const close = (options?: ErrorOptions): void => {
    closed = true
    for (const { settle } of waiters) settle(closedError(options))
    waiters = []
  }

  check.callback('quota', options.quota)
  const quota =
    options.quota && latestQuota(options.quota, scheduler, () => driver.dispatch({ type: 'look' }))
  const stage = createRateLimitStage<unknown>({ ...options, quota, onFreed: settleWaiters })
  const driver = createDriver<LimiterInput<unknown>, LimiterOutput<unknown>>(stage, {
    scheduler,
    ...(unitOfWork && { unitOfWork }),
    ...(keyPrefix !== undefined && { keyPrefix }),
    ...(write && { write }),
    onWriteError: (error) => events.next({ type: 'store-failed', error }),
  })

  const outlet = new Outlet({
    // Without a store a release waits for nothing, so that no frame is late.
    isCurrent: (released) => !storesItself || stage.isCurrent(released, scheduler.now()),
    late: () => driver.dispatch({ type: 'late' }),
    withdrawn: ({ channelId }, frame) => events.next({ type: 'withdrawn', channelId, frame }),
    now: () => scheduler.now(),
  })

  driver.tell({
    next: (output) => {
      if (output.type === 'released') outlet.released(output)
      else if (output.type === 'drained') outlet.drained(output.lane)
      else if (output.type === 'room') outlet.room(output)
      else if (output.type === 'quota') quotas.next(output.quota)
      else events.next(output)
    },
    error: (error: unknown) => {
      close({ cause: error })
      outlet.error(error)
      quotas.complete()
      events.complete()
    },
    complete: () => {
      outlet.complete()
      quotas.complete()
      events.complete()
    },
  })

  const leave = (lane: LimiterLane): void => {
    outlet.close(lane)
    const waited = lane.waiting > 0
    stage.dropLane(lane)
    if (waited) driver.dispatch({ type: 'look' })
  }

  const laneOf =
    <T>(channelId: string, fieldsOf: (value: T) => FieldsAndPayload): OperatorFunction<T, T> =>
    (source) =>
      new Observable<T>((subscriber) => {
        if (closed) return subscriber.complete()
        const lane = stage.openLane(channelId)
        outlet.open(lane, subscriber as Subscriber<unknown>)
        subscriber.add(() => leave(lane))
        subscriber.add(
          source
            .pipe(
              whileOpen(subscriber),
              // The caller's function may throw: that is an error of the stream.
              map((frame) => ({ type: 'frame', lane, frame, fields: fieldsOf(frame) }) as const),
            )
            .subscribe({
              next: (input) => driver.dispatch(input),
              error: (error: unknown) => driver.whenFlushed(() => subscriber.error(error)),
              complete: () => driver.dispatch({ type: 'end', lane }),
            }),
        )
      })

  const openPort = <F extends Frame & RateLimitFields>(
    channelId: string,
    out: (frame: F) => void,
    failed: (error: unknown) => void = nothing,
  ): Port<F> => {
    if (closed) return { push: nothing, close: nothing }
    const lane = stage.openLane(channelId)
    outlet.open(lane, { next: (frame) => out(frame as F), error: failed, complete: nothing })
    let isOpen = true
    return {
      push(frame) {
        if (!isOpen) return
        check.frame(frame)
        driver.dispatch({ type: 'frame', lane, frame, fields: frame })
      },
      close() {
        if (isOpen) leave(lane)
        isOpen = false
      },
    }
  }

  return {
    openPort,
    lane: (channelId) =>
      laneOf(channelId, (frame) => {
        check.frame(frame)
        return frame
      }),
    laneOf,
    reserve(channelId, count, bytes) {
      if (closed) return { granted: false, reason: 'closed', message: closedError().message }
      return stage.reserve(channelId, count, bytes)
    },
    async ready(count = 1, bytes = 0) {
      check.integer('count', count, 1)
      check.number('bytes', bytes, 0)
      if (closed) throw closedError()
      const refusal = stage.room.refusal(count, bytes, false)
      if (refusal === undefined) return
      if (refusal === 'too-many' || refusal === 'too-large') {
        const asked = `${count} frames of ${bytes} bytes`
        throw new RateLimitOptionError(
          `"count" and "bytes" expected no more than the queue holds, got ${asked}`,
        )
      }
      await new Promise<void>((resolve, reject) => {
        waiters.push({ count, bytes, settle: (error) => (error === undefined ? resolve() : reject(error)) })
      })
    },
    remove(channelId, predicate) {
      const isMeant = (frame: unknown): boolean => predicate?.(frame as Frame & RateLimitFields) ?? true
      const removed = stage.remove(channelId, isMeant)
      if (removed > 0) driver.dispatch({ type: 'look' })
      return removed + outlet.remove(channelId, isMeant)
    },
    estimate: (channelId, priority) =>
      closed ? undefined : stage.estimate(channelId, priority, scheduler.now()),
    epochMs: stage.epochMs,
    paceMs: stage.paceMs,
    maxQueued: stage.room.maxQueued,
    maxQueuedBytes: stage.room.maxQueuedBytes,
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
      close()
      driver.close()
    },
  }
}

/**
 * Makes a limiter that paces by aligned epochs; delays, never drops.
 *
 * Off unless `enabled`, `messagesPerEpoch` or `quota` is given: then frames pass at once, synchronously, through the same code.
 *
 * @throws RateLimitOptionError at a bad option.
 * @example
 * ```ts
 * const limiter = createRateLimiter({ epochMs: 600_000, messagesPerEpoch: 20 })
 * const chat$ = chatFrames$.pipe(limiter.lane('chat'))
 * const files$ = fileFrames$.pipe(limiter.lane('files'))
 * ```
 */
export function createRateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  return createAnyRateLimiter(options)
}
