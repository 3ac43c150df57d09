import { type Checks, createChecks } from '@reliable-channels/options'
import type { Entry } from '@reliable-channels/store'
import type { QuotaProvider } from './quota.ts'

/** Options of `createRateLimitStage`. */
export interface RateLimitStageOptions {
  /**
   * Off, every frame passes at once. It should be on wherever the network enforces a rate (RLN).
   * @default true when `messagesPerEpoch` or `quota` is given, else false
   */
  readonly enabled?: boolean | undefined
  /**
   * Length of an epoch, ms, aligned to the Unix epoch: with RLN, that of its epochs. From 1.
   * @limit The quota is whole again, and what waits leaves.
   * @default 600_000
   */
  readonly epochMs?: number | undefined
  /**
   * Messages that may leave in one epoch, from 1. Giving it turns the limiter on.
   * @limit Further ones wait for the next epoch.
   * @default 1
   */
  readonly messagesPerEpoch?: number | undefined
  /**
   * The end of each epoch that is not used, ms: as long as what follows (a cipher, the way to the network) may take, so
   * that the network counts no message in an epoch later than this limiter. From 0 to below `epochMs`.
   * @limit Nothing leaves until the next epoch.
   * @default 0
   */
  readonly marginMs?: number | undefined
  /** Asked before each release for the quota that really holds; can only tighten `messagesPerEpoch`. */
  readonly quota?: QuotaProvider | undefined
  /**
   * Frames that wait, or have room reserved.
   * @limit One more is refused (`queue-full`); critical ones may use an eighth more.
   * @default 16_384
   */
  readonly maxQueued?: number | undefined
  /**
   * Payload bytes that wait, or have room reserved.
   * @limit A frame beyond it is refused (`bytes-full`); critical ones may use an eighth more.
   * @default 134_217_728 (128 MiB)
   */
  readonly maxQueuedBytes?: number | undefined
  /** Time that an optional frame may wait, ms. @limit It is dropped and reported. @default Infinity */
  readonly optionalLifetimeMs?: number | undefined
  /** Entries that a former limiter stored: the used quota. */
  readonly restore?: Iterable<Entry> | undefined
  /** Told of a stored entry that could not be read. Its epoch counts as spent. */
  readonly onCorrupt?: ((key: string, reason: string) => void) | undefined
}

/** Bad options: a mistake of the caller. */
export class RateLimitOptionError extends RangeError {
  override readonly name = 'RateLimitOptionError'
  readonly code = 'ERR_RATE_LIMIT_OPTION'
}

/** Checks of arguments, which throw a {@link RateLimitOptionError}. */
export const check: Checks = createChecks((message) => new RateLimitOptionError(message))
