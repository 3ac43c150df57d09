import type { Frame, Port, UnitOfWork } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import type { Observable, OperatorFunction, SchedulerLike } from 'rxjs'
import type { Priority, RateLimitFields } from './core/fields.ts'
import type { LimiterEvent, Quota } from './core/messages.ts'
import type { RateLimitStageOptions } from './core/options.ts'
import type { QuotaProvider } from './core/quota.ts'
import type { AsyncQuotaProvider } from './latest-quota.ts'
import type { Refusal, Reservation } from './core/room.ts'

/** Options of `createRateLimiter`. */
export interface RateLimiterOptions extends Omit<RateLimitStageOptions, 'quota'> {
  /**
   * Asked before each release for the quota that really holds, or, if it answers later, once a second; can only tighten
   * `messagesPerEpoch`.
   */
  readonly quota?: QuotaProvider | AsyncQuotaProvider | undefined
  /** Source of time and the timer. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /**
   * Joins the limiter to the steps of other stages: frames are released inside the unit, and whoever lets them out
   * puts `committed(unitOfWork)` before it. A limiter shared by channels should rather have its own `write`.
   */
  readonly unitOfWork?: UnitOfWork
  /**
   * Where the used quota is stored, before the frames that use it are released; usually
   * `(changes) => store.write(changes)`.
   */
  readonly write?: (changes: readonly Change[]) => Promise<void>
  /** Put before the key of each change. @default '' */
  readonly keyPrefix?: string
}

/** Told on the side; see {@link RateLimiter.events$}. */
export type RateLimiterEvent =
  | LimiterEvent<unknown>
  /** The used quota could not be stored. It is tried again; frames leave meanwhile. */
  | { readonly type: 'store-failed'; readonly error: unknown }

/** The limiter was closed while the caller waited for room. */
export class RateLimiterClosedError extends Error {
  override readonly name = 'RateLimiterClosedError'
  readonly code = 'ERR_RATE_LIMITER_CLOSED'
}

/**
 * Paces the frames of all channels of a node by one quota, since a membership of RLN has one, however many channels
 * share it. Made by `createRateLimiter`.
 */
export interface RateLimiter {
  /**
   * One channel's way through the limiter, as an operator: every frame comes out as the object that went in, later or
   * at once, in order within its class. It completes when its source has and the last frame has left. Unsubscribing
   * removes what waits.
   */
  lane<F extends Frame & RateLimitFields>(channelId: string): OperatorFunction<F, F>
  /**
   * The same by plain calls, for who has one source and one listener. What waits is removed when the port is closed.
   *
   * @param failed Told when the limiter ends with an error: a bug.
   */
  openPort<F extends Frame & RateLimitFields>(
    channelId: string,
    out: (frame: F) => void,
    failed?: (error: unknown) => void,
  ): Port<F>
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
  /**
   * How long (ms) a frame queued now would wait, if nothing else came and the quota stayed as it is.
   * `undefined` if that cannot be told: the provided quota is 0, or the limiter is closed.
   */
  estimate(channelId: string, priority?: Priority): number | undefined
  /** Length of an epoch, ms; `undefined` when the limiter is off. */
  readonly epochMs: number | undefined
  /** Time from one message to the next when the quota is spread evenly, ms; 0 when the limiter is off. */
  readonly paceMs: number
  /** Most frames, and payload bytes, that may wait. */
  readonly maxQueued: number
  readonly maxQueuedBytes: number
  /** The state of the quota: at once, and whenever it changes. */
  readonly quota$: Observable<Quota>
  /** Frames that were replaced, withdrawn, expired or refused, and failures of the store. Hot. */
  readonly events$: Observable<RateLimiterEvent>
  /** Ends the lanes; waiting frames are dropped. */
  close(): void
}
