import type { FieldsAndPayload, Priority } from './fields.ts'
import type { Charged, LimiterLane, Released } from './line.ts'
import type { RefusalReason } from './room.ts'

/** The fate of a frame that did not leave. */
export type LimiterEvent<F> =
  /** `by` took its place in the queue. */
  | { readonly type: 'replaced'; readonly channelId: string; readonly frame: F; readonly by: F }
  /** It was no longer `wanted` when its turn had come. */
  | { readonly type: 'withdrawn'; readonly channelId: string; readonly frame: F }
  /** It was optional, and had waited longer than `optionalLifetimeMs`. */
  | { readonly type: 'expired'; readonly channelId: string; readonly frame: F }
  /** There was no room for it. */
  | {
      readonly type: 'refused'
      readonly channelId: string
      readonly frame: F
      readonly reason: RefusalReason
    }

/** The state of the quota. */
export interface Quota {
  /** Number of the running epoch, `floor(time / epochMs)`. */
  readonly epoch: number
  /** Messages that it allows; `Infinity` when the limiter is off. */
  readonly limit: number
  /** Messages that left in it. */
  readonly used: number
  /** Messages that may still leave in it. */
  readonly left: number
  /** When the next epoch begins, ms. */
  readonly nextEpochAtMs: number
  /** Frames that wait, by class. */
  readonly waiting: Readonly<Record<Priority, number>>
}

/** Inputs of the limiter. */
export type LimiterInput<F> =
  | {
      readonly type: 'frame'
      readonly lane: LimiterLane
      readonly frame: F
      /** Usually the frame itself. */
      readonly fields: FieldsAndPayload
    }
  /** The lane's source has completed. */
  | { readonly type: 'end'; readonly lane: LimiterLane }
  /** A frame came out only after the epoch in which it counts: it needs room in the present one. */
  | { readonly type: 'late' }
  /** Something changed outside: the provided quota, or what waits. */
  | { readonly type: 'look' }

/** Outputs of the limiter. */
export type LimiterOutput<F> =
  | Released<F>
  | LimiterEvent<F>
  /** Room for a frame that was late. */
  | ({ readonly type: 'room' } & Charged)
  /** The lane has ended, and nothing of it waits any more. */
  | { readonly type: 'drained'; readonly lane: LimiterLane }
  | { readonly type: 'quota'; readonly quota: Quota }
