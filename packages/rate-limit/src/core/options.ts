import { NAMES } from './option-names.ts'
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

/** The options with their defaults. */
export interface LimiterSettings {
  readonly enabled: boolean
  readonly epochMs: number
  readonly messagesPerEpoch: number
  readonly marginMs: number
  readonly quota: QuotaProvider | undefined
  readonly maxQueued: number
  readonly maxQueuedBytes: number
  readonly optionalLifetimeMs: number
  readonly restore: Iterable<Entry> | undefined
  readonly onCorrupt: ((key: string, reason: string) => void) | undefined
}

/** @throws RateLimitOptionError at a bad option. */
export function limiterSettings(options: RateLimitStageOptions): LimiterSettings {
  check.object('options', options)
  check.names(options, NAMES)
  const {
    quota,
    // A caller who names a quota wants the limiter to be on.
    enabled = quota !== undefined || options.messagesPerEpoch !== undefined,
    epochMs = 600_000,
    messagesPerEpoch = 1,
    marginMs = 0,
    maxQueued = 16_384,
    maxQueuedBytes = 128 * 1024 * 1024,
    optionalLifetimeMs = Infinity,
    restore,
    onCorrupt,
  } = options
  check.callback('quota', quota)
  check.boolean('enabled', enabled)
  check.integer('epochMs', epochMs, 1)
  check.integer('messagesPerEpoch', messagesPerEpoch, 1)
  const isMargin = typeof marginMs === 'number' && marginMs >= 0 && marginMs < epochMs
  check.that(isMargin, 'marginMs', `a number from 0 to below ${epochMs}`, marginMs)
  check.integer('maxQueued', maxQueued, 1)
  check.number('maxQueuedBytes', maxQueuedBytes, 1)
  check.number('optionalLifetimeMs', optionalLifetimeMs, 0)
  check.iterable('restore', restore ?? [])
  check.callback('onCorrupt', onCorrupt)
  return {
    enabled,
    epochMs,
    messagesPerEpoch,
    marginMs,
    quota,
    maxQueued,
    maxQueuedBytes,
    optionalLifetimeMs,
    restore,
    onCorrupt,
  }
}
