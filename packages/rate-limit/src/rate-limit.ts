import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import type { FieldsAndPayload } from './core/fields.ts'
import { check } from './core/options.ts'
import { checkRateLimiterOptions, createAnyRateLimiter } from './create-rate-limiter.ts'
import type { RateLimiterEvent, RateLimiterOptions } from './rate-limiter.ts'

/** Options of {@link rateLimit}. */
export interface RateLimitOptions<T> extends RateLimiterOptions {
  /** The limiter's fields of a value that does not carry them itself. @default the value, if it is an object */
  readonly fields?: (value: T) => FieldsAndPayload
  /** Told of what was replaced, expired or refused, and of failures of the store. */
  readonly onEvent?: (event: RateLimiterEvent) => void
}

const fieldsOfObject = (value: unknown): FieldsAndPayload =>
  typeof value === 'object' && value !== null ? value : {}

/**
 * Paces any stream alone, with a quota of its own for each subscription: at most `messagesPerEpoch` values leave in any
 * epoch of `epochMs`, in order; the rest waits. Completes when the last one has left.
 *
 * @throws RateLimitOptionError at a bad option.
 * @example
 * ```ts
 * requests$.pipe(rateLimit({ epochMs: 1000, messagesPerEpoch: 5 }), mergeMap(fetchIt))
 * ```
 */
export function rateLimit<T>(options: RateLimitOptions<T> = {}): MonoTypeOperatorFunction<T> {
  check.object('options', options)
  const { fields = fieldsOfObject, onEvent, ...limiterOptions } = options
  check.function('fields', fields)
  check.callback('onEvent', onEvent)
  // Bad options are to throw here, not on subscribe.
  checkRateLimiterOptions(limiterOptions)
  return (source) =>
    new Observable((subscriber) => {
      const limiter = createAnyRateLimiter(limiterOptions)
      const reports = onEvent && limiter.events$.subscribe(onEvent)
      subscriber.add(source.pipe(limiter.laneOf('', fields)).subscribe(subscriber))
      subscriber.add(() => {
        limiter.close()
        reports?.unsubscribe()
      })
    })
}
