import { StageOptionError } from '@reliable-channels/stage'
import { describe, expect, it } from 'vitest'
import { RateLimitOptionError, createRateLimiter, rateLimit } from './index.ts'

describe('the options of a rate limiter', () => {
  it.each([
    [{ epochMs: 0 }, '"epochMs" expected an integer from 1, got 0'],
    [{ epochMs: 1.5 }, '"epochMs" expected an integer from 1, got 1.5'],
    [{ messagesPerEpoch: 0 }, '"messagesPerEpoch" expected an integer from 1, got 0'],
    [{ maxQueued: NaN }, '"maxQueued" expected an integer from 1, got NaN'],
    [{ maxQueuedBytes: 0 }, '"maxQueuedBytes" expected a number from 1, got 0'],
    [{ optionalLifetimeMs: -1 }, '"optionalLifetimeMs" expected a number from 0, got -1'],
    [{ marginMs: 600_000 }, '"marginMs" expected a number from 0 to below 600000, got 600000'],
    [{ marginMs: '5' }, '"marginMs" expected a number from 0 to below 600000, got "5"'],
    [{ messagesPerEpoch: '20' }, '"messagesPerEpoch" expected an integer from 1, got "20"'],
    [{ enabled: 'no' }, '"enabled" expected true or false, got "no"'],
    [{ quota: 20 }, '"quota" expected a function, or nothing, got 20'],
    [{ restore: 20 }, '"restore" expected an array, or what else can be iterated, got 20'],
    [null, '"options" expected an object, got null'],
    [20, '"options" expected an object, got 20'],
  ])('%j are refused when the limiter is made', (options, message) => {
    expect(() => createRateLimiter(options as never)).toThrow(new RateLimitOptionError(message))
    expect(() => rateLimit(options as never)).toThrow(new RateLimitOptionError(message))
  })

  it.each([{ scheduler: 5 }, { write: 'store' }])('%j are those of the driver', (options) => {
    expect(() => createRateLimiter(options as never)).toThrow(StageOptionError)
    expect(() => rateLimit(options as never)).toThrow(StageOptionError)
  })

  it('are checked for questions too', async () => {
    const limiter = createRateLimiter({ messagesPerEpoch: 1 })
    await expect(limiter.ready('2' as never)).rejects.toThrow('"count" expected an integer from 1, got "2"')
    await expect(limiter.ready(1, Number.NaN)).rejects.toThrow('"bytes" expected a number from 0, got NaN')
    expect(() => limiter.estimate('a', 'high' as never)).toThrow(
      `"priority" expected 'critical', 'normal' or 'optional', got "high"`,
    )
  })

  it('are checked for a reservation too', () => {
    const limiter = createRateLimiter()
    expect(() => limiter.reserve('a', 0, 1)).toThrow('"count" expected an integer from 1, got 0')
    expect(() => limiter.reserve('a', 1, -1)).toThrow('"bytes" expected a number from 0, got -1')
  })
})
