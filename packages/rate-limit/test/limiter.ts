import type { Frame } from '@reliable-channels/stage'
import { Subject, VirtualTimeScheduler } from 'rxjs'
import {
  type RateLimitFields,
  type RateLimiter,
  type RateLimiterEvent,
  type RateLimiterOptions,
  createRateLimiter,
} from '../src/index.ts'

/** A frame with a name. */
export interface Tagged extends Frame, RateLimitFields {
  readonly name: string
}

/** A frame of one byte. */
export const frame = (name: string, fields: RateLimitFields = {}): Tagged => ({
  payload: Uint8Array.of(1),
  name,
  ...fields,
})

/** A limiter in virtual time, with channels whose outputs are noted as `time channel name`. */
export function setUp(options: RateLimiterOptions = {}) {
  const clock = new VirtualTimeScheduler()
  const limiter: RateLimiter = createRateLimiter({
    enabled: true,
    epochMs: 1000,
    messagesPerEpoch: 2,
    scheduler: clock,
    ...options,
  })
  const out: string[] = []
  const frames: Tagged[] = []
  const events: RateLimiterEvent[] = []
  limiter.events$.subscribe((event) => events.push(event))
  const open = (channelId: string) => {
    const source = new Subject<Tagged>()
    const subscription = source.pipe(limiter.lane(channelId)).subscribe({
      next: (value) => {
        frames.push(value)
        out.push(`${clock.now()} ${channelId} ${value.name}`)
      },
      complete: () => out.push(`${clock.now()} ${channelId} |`),
    })
    return Object.assign(source, { subscription })
  }
  const advanceTo = (time: number): void => {
    clock.maxFrames = time
    clock.flush()
    clock.frame = time
  }
  return { clock, limiter, out, frames, events, open, advanceTo }
}

/** Has a channel send frames with these names. */
export const send = (to: Subject<Tagged>, ...names: string[]): void => {
  for (const name of names) to.next(frame(name))
}

/** Lets promises that are settled already call back. */
export const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

/** How many frames of a channel wait: those that are asked about when frames may be removed. */
export function waitingOf(limiter: RateLimiter, channelId: string): number {
  let count = 0
  limiter.remove(channelId, () => {
    count++
    return false
  })
  return count
}
