export type { FieldsAndPayload, Priority, RateLimitFields } from './core/fields.ts'
export type { Lane, Released } from './core/line.ts'
export type { ProvidedQuota, QuotaProvider } from './core/quota.ts'
export type { Refusal, RefusalReason, Reservation } from './core/room.ts'
export {
  type LimiterEvent,
  type LimiterInput,
  type LimiterOutput,
  type Quota,
  RateLimitOptionError,
  type RateLimitStage,
  type RateLimitStageOptions,
  createRateLimitStage,
} from './core/stage.ts'
