import { type RateLimiter, createRateLimiter } from '@reliable-channels/rate-limit'
import type { DemoOptions } from './options.ts'

/** What the rate limit holds back. */
export interface HeldBack {
  readonly messages: number
  /** The epoch in which nothing more may leave. */
  readonly epoch: number
  readonly nextEpochAtMs: number
}

/** The rate limit of the sender, which says what it holds back. */
export interface Pace extends Disposable {
  readonly limiter: RateLimiter
  heldBack(): HeldBack | undefined
}

/** Makes the rate limit; without a rate everything passes. */
export function createPace(rate: DemoOptions['rate']): Pace {
  const limiter = createRateLimiter(
    rate && { enabled: true, messagesPerEpoch: rate.messages, epochMs: rate.periodMs },
  )
  let heldBack: HeldBack | undefined
  limiter.quota$.subscribe(({ epoch, left, nextEpochAtMs, waiting }) => {
    const messages = waiting.critical + waiting.normal + waiting.optional
    heldBack = left === 0 && messages > 0 ? { messages, epoch, nextEpochAtMs } : undefined
  })
  return {
    limiter,
    heldBack: () => heldBack,
    [Symbol.dispose]: () => limiter.close(),
  }
}
