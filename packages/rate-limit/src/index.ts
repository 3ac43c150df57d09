/**
 * Paces messages by aligned epochs: fair between channels, with priorities, never dropping.
 *
 * @packageDocumentation
 */
export type { FieldsAndPayload, Priority, RateLimitFields } from './core/fields.ts'
export type { ProvidedQuota, QuotaProvider } from './core/quota.ts'
export type { Refusal, RefusalReason, Reservation } from './core/room.ts'
export { type LimiterEvent, type Quota, RateLimitOptionError } from './core/stage.ts'
export {
  type RateLimiter,
  RateLimiterClosedError,
  type RateLimiterEvent,
  type RateLimiterOptions,
  createRateLimiter,
} from './create-rate-limiter.ts'
export { type RateLimitOptions, rateLimit } from './rate-limit.ts'
