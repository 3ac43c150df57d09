import type { Reservation } from './room.ts'

/**
 * How urgent a frame is.
 *
 * `critical`: acknowledging sync messages and repair requests; `optional`: ephemeral and cover traffic.
 * Strict, except that every 8th release serves the waiting lower classes in turn.
 */
export type Priority = 'critical' | 'normal' | 'optional'

/** Fields that a frame may carry for the limiter. All of them are optional; none is changed or removed. */
export interface RateLimitFields {
  /** @default 'normal' */
  readonly priority?: Priority | undefined
  /**
   * A waiting frame of the same channel with the same key makes room: this frame takes its place in the queue (or the
   * last one of its own class, if that is more urgent), and the older one is reported as `replaced`.
   */
  readonly replaces?: string | undefined
  /**
   * Asked when the frame's turn to leave has come, with the time (ms): `false`, and it is dropped, reported as
   * `withdrawn`, and spends nothing. It must change nothing.
   */
  readonly wanted?: ((now: number) => boolean) | undefined
  /** Room taken beforehand; see `RateLimiter.reserve`. */
  readonly reservation?: Reservation | undefined
}

/** All that the limiter looks at in a frame. */
export interface FieldsAndPayload extends RateLimitFields {
  /** Counted towards `maxQueuedBytes`. */
  readonly payload?: Uint8Array | undefined
}

/** Index of a priority: 0 goes first. */
export type PriorityClass = 0 | 1 | 2

/** All classes, most urgent first. */
export const CLASSES: readonly [0, 1, 2] = [0, 1, 2]

/** The class of a priority. */
export function classOf(priority: Priority | undefined): PriorityClass {
  return priority === 'critical' ? 0 : priority === 'optional' ? 2 : 1
}
