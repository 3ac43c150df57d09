import { type Priority, createRateLimiter } from '@reliable-channels/rate-limit'
import { type RateLimitStageOptions, createRateLimitStage } from '@reliable-channels/rate-limit/core'
import type { Frame } from '@reliable-channels/stage'
import { type SchedulerLike, Subject, Subscription } from 'rxjs'
import { type Bench, judge } from '../document.ts'
import { measure } from '../measure.ts'

const EPOCH_MS = 1000
const PRIORITIES: readonly Priority[] = ['normal', 'normal', 'critical', 'optional']

interface Tagged extends Frame {
  readonly priority: Priority
}

const frames: readonly Tagged[] = PRIORITIES.map((priority) => ({ payload: new Uint8Array(1024), priority }))

/** The one timer that a driver has, fired by hand. */
function handClock(): { scheduler: SchedulerLike; advance(ms: number): void } {
  let now = 0
  let timer: (() => void) | undefined
  const scheduler: SchedulerLike = {
    now: () => now,
    schedule(work) {
      const fire = work as () => void
      timer = fire
      return new Subscription(() => {
        if (timer === fire) timer = undefined
      })
    },
  }
  return {
    scheduler,
    advance(ms) {
      now += ms
      const fire = timer
      timer = undefined
      fire?.()
    },
  }
}

/** A limiter that holds `waiting` frames of `channels` channels; each call puts one in, and each epoch lets as many out. */
function perFrame(waiting: number, channels: number, perEpoch: number): number {
  const { scheduler, advance } = handClock()
  const limiter = createRateLimiter({
    enabled: true,
    epochMs: EPOCH_MS,
    messagesPerEpoch: perEpoch,
    maxQueued: 2 * waiting + perEpoch,
    maxQueuedBytes: Infinity,
    scheduler,
  })
  let seen = 0
  const sources = Array.from({ length: channels }, (_, i) => {
    const source = new Subject<Tagged>()
    source.pipe(limiter.lane(`channel ${i}`)).subscribe(() => seen++)
    return source
  })
  let sent = 0
  const send = (): void => {
    sources[sent % channels]!.next(frames[(sent >> 3) & 3]!)
    sent++
  }
  for (let i = 0; i < waiting + perEpoch; i++) send()
  const cost = measure((times) => {
    for (let i = 0; i < times; i++) {
      send()
      if (sent % perEpoch === 0) advance(EPOCH_MS)
    }
  })
  if (seen < perEpoch || sent - seen < waiting)
    throw new Error(`${seen} of ${sent} left, expected ${waiting} to wait`)
  limiter.close()
  return cost
}

/** The state machine alone, without driver and RxJS. */
function perFrameOfStage(waiting: number, perEpoch: number, options: RateLimitStageOptions = {}): number {
  const stage = createRateLimitStage<Tagged>({
    enabled: true,
    epochMs: EPOCH_MS,
    messagesPerEpoch: perEpoch,
    maxQueued: 2 * waiting + perEpoch,
    maxQueuedBytes: Infinity,
    ...options,
  })
  const lanes = Array.from({ length: 100 }, (_, i) => stage.openLane(`channel ${i}`))
  let now = 0
  let sent = 0
  let seen = 0
  const send = (): void => {
    const frame = frames[(sent >> 3) & 3]!
    seen += stage.handle({ type: 'frame', lane: lanes[sent % 100]!, frame, fields: frame }, now).outputs
      .length
    sent++
  }
  for (let i = 0; i < waiting + perEpoch; i++) send()
  const cost = measure((times) => {
    for (let i = 0; i < times; i++) {
      send()
      if (sent % perEpoch === 0) seen += stage.tick((now += EPOCH_MS)).outputs.length
    }
  })
  if (seen < perEpoch) throw new Error('nothing left')
  return cost
}

function* run(): Generator<ReturnType<typeof judge>> {
  const row = (name: string, ours: number): ReturnType<typeof judge> =>
    judge({ case: name, unit: 'ns/frame', ours, atMost: 1000 })
  yield row('nothing waits, 1 channel', perFrame(0, 1, 1_000_000))
  yield row('100,000 wait, 1 channel, in and out', perFrame(100_000, 1, 1000))
  yield row('100,000 wait, 100 channels, in and out', perFrame(100_000, 100, 1000))
  yield row('100,000 wait, 100 channels, 20 an epoch', perFrame(100_000, 100, 20))
  yield row('100,000 wait, 100 channels, state machine alone', perFrameOfStage(100_000, 1000))
}

/** The cost of a frame through the limiter. */
export const bench: Bench = { about: 'cost of a frame through the rate limiter, in and out', run }
