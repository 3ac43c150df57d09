/**
 * Paces messages by aligned epochs: fair between channels, with priorities, never dropping.
 *
 * @packageDocumentation
 */
export type { FieldsAndPayload, Priority, RateLimitFields } from './core/fields.ts'
export type { LimiterEvent, Quota } from './core/messages.ts'
export { RateLimitOptionError } from './core/options.ts'
export type { ProvidedQuota, QuotaProvider } from './core/quota.ts'
export type { Refusal, RefusalReason, Reservation } from './core/room.ts'
export type { AsyncQuotaProvider } from './latest-quota.ts'
export { checkRateLimiterOptions, createRateLimiter } from './create-rate-limiter.ts'
export { type RateLimitOptions, rateLimit } from './rate-limit.ts'
export {
  type RateLimiter,
  RateLimiterClosedError,
  type RateLimiterEvent,
  type RateLimiterOptions,
} from './rate-limiter.ts'
