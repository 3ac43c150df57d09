import { StageOptionError, type Frame, committed, createUnitOfWork } from '@reliable-channels/stage'
import type { Change } from '@reliable-channels/store'
import { Observable, Subject, VirtualTimeScheduler, of, take, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  type ProvidedQuota,
  type Quota,
  RateLimitOptionError,
  type RateLimitFields,
  type RateLimiter,
  RateLimiterClosedError,
  type RateLimiterEvent,
  type RateLimiterOptions,
  createRateLimiter,
  rateLimit,
} from './index.ts'

interface Tagged extends Frame, RateLimitFields {
  readonly name: string
}

const frame = (name: string, fields: RateLimitFields = {}): Tagged => ({
  payload: Uint8Array.of(1),
  name,
  ...fields,
})

/** A limiter in virtual time, with channels whose outputs are noted as `time channel name`. */
function setUp(options: RateLimiterOptions = {}) {
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

const send = (to: Subject<Tagged>, ...names: string[]): void => {
  for (const name of names) to.next(frame(name))
}

/** Lets promises that are settled already call back. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

/** How many frames of a channel wait: those that are asked about when frames may be removed. */
function waitingOf(limiter: RateLimiter, channelId: string): number {
  let count = 0
  limiter.remove(channelId, () => {
    count++
    return false
  })
  return count
}

describe('a rate limiter that is on', () => {
  it('lets out the limit at once, the excess in the next epochs, in order, and then completes', () => {
    // RTL-02, RTL-05, RTL-09
    const { open, out, advanceTo } = setUp()
    const a = open('a')
    advanceTo(300)
    send(a, '1', '2', '3', '4', '5')
    a.complete()
    expect(out).toEqual(['300 a 1', '300 a 2'])
    advanceTo(5000)
    expect(out).toEqual(['300 a 1', '300 a 2', '1000 a 3', '1000 a 4', '2000 a 5', '2000 a |'])
  })

  it('lets out the very objects that went in', () => {
    const { open, frames, advanceTo } = setUp()
    const a = open('a')
    const sent = ['1', '2', '3'].map((name) => frame(name))
    for (const value of sent) a.next(value)
    advanceTo(1000)
    expect(frames).toHaveLength(3)
    for (const [i, value] of frames.entries()) expect(value).toBe(sent[i])
  })

  it('shares one quota between the channels, one frame of each in turn', () => {
    // RTL-16
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 4 })
    const [bulk, chat, other] = [open('bulk'), open('chat'), open('other')]
    send(bulk, '1', '2', '3', '4', '5', '6', '7', '8', '9')
    send(chat, 'x', 'y')
    send(other, 'z')
    advanceTo(1000)
    expect(out.slice(4)).toEqual(['1000 bulk 5', '1000 chat x', '1000 other z', '1000 bulk 6'])
  })

  it('lets critical frames go first and lower classes every 8th time, in turn', () => {
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 24 })
    const a = open('a')
    advanceTo(500)
    for (let i = 0; i < 24; i++) a.next(frame('-'))
    for (let i = 0; i < 3; i++) a.next(frame('optional', { priority: 'optional' }))
    for (let i = 0; i < 3; i++) a.next(frame('normal'))
    for (let i = 0; i < 40; i++) a.next(frame('critical', { priority: 'critical' }))
    advanceTo(1000)
    const order = out.slice(24).map((line) => line.split(' ')[2])
    expect(order.filter((_, i) => i % 8 !== 7)).toEqual(new Array<string>(21).fill('critical'))
    expect([order[7], order[15], order[23]]).toEqual(['normal', 'optional', 'normal'])
  })

  it('puts a newer frame with the same key in the place of a waiting one, and reports the older', () => {
    const { open, out, events, advanceTo } = setUp()
    const [a, b] = [open('a'), open('b')]
    send(a, '1', '2')
    const older = frame('sync 1', { replaces: 'sync' })
    const newer = frame('sync 2', { replaces: 'sync' })
    a.next(older)
    send(a, '3')
    b.next(frame('sync of b', { replaces: 'sync' }))
    a.next(newer)
    expect(events).toEqual([{ type: 'replaced', channelId: 'a', frame: older, by: newer }])
    advanceTo(2000)
    expect(out.slice(2)).toEqual(['1000 a sync 2', '1000 b sync of b', '2000 a 3'])
    a.next(frame('sync 3', { replaces: 'sync' }))
    expect(out.at(-1)).toBe('2000 a sync 3')
  })

  it('lets an urgent frame that replaces one of a lower class leave as an urgent one does', () => {
    const { open, out, advanceTo } = setUp()
    const a = open('a')
    send(a, '1', '2', '3', '4', '5', '6')
    a.next(frame('periodic', { replaces: 'sync', priority: 'optional' }))
    a.next(frame('urgent', { replaces: 'sync', priority: 'critical' }))
    a.next(frame('not so urgent', { replaces: 'sync', priority: 'optional' }))
    const left = out.length
    advanceTo(1000)
    expect(out[left]).toBe('1000 a not so urgent')
  })

  it('drops and reports optional frames that have waited longer than their lifetime', () => {
    const { open, out, events, advanceTo } = setUp({ optionalLifetimeMs: 1500 })
    const a = open('a')
    send(a, '1', '2', '3', '4', '5', '6')
    const late = frame('late', { priority: 'optional' })
    a.next(late)
    a.complete()
    advanceTo(1499)
    expect(events).toEqual([])
    advanceTo(1500)
    expect(events).toEqual([{ type: 'expired', channelId: 'a', frame: late }])
    advanceTo(9000)
    expect(out.at(-1)).toBe('2000 a |')
    expect(out).toHaveLength(7)
  })

  it('refuses a frame for which there is no room, with the reason, yet still takes a critical one', () => {
    const { open, events, limiter } = setUp({ maxQueued: 8 })
    const a = open('a')
    for (let i = 0; i < 10; i++) send(a, `${i}`)
    expect(events).toEqual([])
    const excess = frame('10')
    a.next(excess)
    expect(events).toEqual([{ type: 'refused', channelId: 'a', frame: excess, reason: 'queue-full' }])
    a.next(frame('acknowledgement', { priority: 'critical' }))
    expect(events).toHaveLength(1)
    expect(waitingOf(limiter, 'a')).toBe(9)
  })

  it('bounds the waiting bytes as well', () => {
    const { open, events } = setUp({ maxQueuedBytes: 10 })
    const a = open('a')
    send(a, '1', '2')
    a.next({ ...frame('big'), payload: new Uint8Array(6) })
    const excess = { ...frame('too much'), payload: new Uint8Array(5) }
    a.next(excess)
    expect(events).toEqual([{ type: 'refused', channelId: 'a', frame: excess, reason: 'bytes-full' }])
  })

  it('reserves room for all frames of a request, or for none', async () => {
    const { open, limiter, events, advanceTo } = setUp({ maxQueued: 4 })
    const a = open('a')
    send(a, '1', '2', '3')
    expect(limiter.reserve('a', 5, 50)).toMatchObject({ granted: false, reason: 'too-many' })
    expect(limiter.reserve('a', 4, 40)).toMatchObject({
      granted: false,
      reason: 'queue-full',
      message: 'no room for 4 frames of 40 bytes: 1 of 4 frames and 1 of 134217728 bytes are taken',
    })
    const reservation = limiter.reserve('a', 3, 30)
    if (!reservation.granted) throw new Error(reservation.message)
    send(open('b'), 'x')
    expect(events).toMatchObject([{ type: 'refused', reason: 'queue-full' }])
    let ready = false
    const waiting = limiter.ready().then(() => (ready = true))
    a.next(frame('4', { reservation }))
    a.next(frame('5', { reservation }))
    expect(reservation.left).toBe(1)
    expect(waitingOf(limiter, 'a')).toBe(3)
    await Promise.resolve()
    expect(ready).toBe(false)
    reservation.release()
    reservation.release()
    await waiting
    expect(reservation.left).toBe(0)
    advanceTo(5000)
    expect(limiter.reserve('b', 4, 10).granted).toBe(true)
    expect(limiter.reserve('b', 1, 1).granted).toBe(false)
  })

  it('tells whoever waits for room when frames take less than was reserved for them', async () => {
    const { limiter, open } = setUp({ messagesPerEpoch: 1, maxQueued: 8, maxQueuedBytes: 100 })
    const a = open('a')
    send(a, 'first')
    const reservation = limiter.reserve('a', 1, 100)
    if (!reservation.granted) throw new Error(reservation.message)
    let ready = false
    void limiter.ready(1, 99).then(() => (ready = true))
    a.next(frame('of one byte', { reservation }))
    await settled()
    expect(ready).toBe(true)
  })

  it('does not let a producer wait for more room than there will ever be', async () => {
    const { limiter } = setUp({ maxQueued: 8, maxQueuedBytes: 100 })
    await expect(limiter.ready(8, 100)).resolves.toBeUndefined()
    await expect(limiter.ready(9)).rejects.toThrow(RateLimitOptionError)
    await expect(limiter.ready(1, 101)).rejects.toThrow(
      '"count" and "bytes" expected no more than the queue holds, got 1 frames of 101 bytes',
    )
  })

  it('takes no room of a reservation of another limiter, or of one that is used up', () => {
    const [one, other] = [setUp({ maxQueued: 2 }), setUp({ maxQueued: 2 })]
    const reservation = other.limiter.reserve('a', 1, 1)
    if (!reservation.granted) throw new Error(reservation.message)
    const a = one.open('a')
    send(a, '1', '2', '3', '4')
    a.next(frame('5', { reservation }))
    expect(one.events).toMatchObject([{ type: 'refused', reason: 'queue-full' }])
    expect(reservation.left).toBe(1)
    const b = other.open('b')
    send(b, '1', '2', '3')
    b.next(frame('4', { reservation }))
    b.next(frame('5', { reservation }))
    expect(other.events).toMatchObject([{ type: 'refused', frame: { name: '5' } }])
  })

  it('gives what comes back to the lane that sent it, when a channel has several', () => {
    const { open, limiter, advanceTo } = setUp()
    const [one, two] = [new Subject<Tagged>(), new Subject<Tagged>()]
    const seen: string[] = []
    one.pipe(limiter.lane('a')).subscribe({
      next: ({ name }) => seen.push(`one ${name}`),
      complete: () => seen.push('one |'),
    })
    two.pipe(limiter.lane('a')).subscribe(({ name }) => seen.push(`two ${name}`))
    send(open('b'), '1', '2')
    send(one, 'x')
    send(two, 'y')
    one.complete()
    two.next(frame('z', { replaces: 'key' }))
    advanceTo(5000)
    expect(seen).toEqual(['one x', 'two y', 'one |', 'two z'])
  })

  it('does not stand still when the clock is set back, nor grant an epoch twice', () => {
    let setBackMs = 0
    class Clock extends VirtualTimeScheduler {
      override now = (): number => this.frame + 86_400_000 - setBackMs
    }
    const scheduler = new Clock()
    const { open, frames } = setUp({ scheduler })
    const epochs = new Map<number, number>()
    const a = open('a')
    for (let i = 0; i < 12; i++) send(a, `${i}`)
    // A day back, half an epoch after the start; then forward again to where it was.
    scheduler.schedule(() => (setBackMs = 80_000_500), 500)
    scheduler.schedule(() => (setBackMs = 0), 2500)
    let seen = 0
    const count = (): void => {
      const epoch = Math.floor(scheduler.now() / 1000)
      epochs.set(epoch, (epochs.get(epoch) ?? 0) + frames.length - seen)
      seen = frames.length
    }
    count()
    for (let time = 1; time <= 9000; time++) {
      scheduler.maxFrames = time
      scheduler.flush()
      scheduler.frame = time
      count()
    }
    expect(frames.map(({ name }) => Number(name))).toEqual(Array.from({ length: 12 }, (_, i) => i))
    expect(Math.max(...epochs.values())).toBe(2)
  })

  it('removes what waits of a channel, all of it or what is picked', () => {
    const { open, limiter, out, advanceTo } = setUp()
    const [a, b] = [open('a'), open('b')]
    send(a, '1', '2', '3', '4', '5')
    send(b, 'x')
    expect(limiter.remove('a', (value) => (value as Tagged).name === '4')).toBe(1)
    expect(limiter.remove('none')).toBe(0)
    advanceTo(1000)
    expect(limiter.remove('a')).toBe(1)
    a.complete()
    advanceTo(9000)
    expect(out).toEqual(['0 a 1', '0 a 2', '1000 a 3', '1000 b x', '1000 a |'])
  })

  it('completes a lane whose last waiting frame is removed', () => {
    const { open, limiter, out } = setUp()
    const a = open('a')
    send(a, '1', '2', '3')
    a.complete()
    expect(limiter.remove('a')).toBe(1)
    expect(out.at(-1)).toBe('0 a |')
  })

  it('removes what waits of a lane that is unsubscribed, and nothing else', () => {
    const { open, limiter, out, advanceTo } = setUp()
    const [a, b] = [open('a'), open('b')]
    send(a, '1', '2', '3')
    send(b, 'x')
    a.subscription.unsubscribe()
    expect(limiter.remove('a')).toBe(0)
    advanceTo(5000)
    expect(out).toEqual(['0 a 1', '0 a 2', '1000 b x'])
  })

  it('stops a synchronous source when its consumer has left', () => {
    const { limiter } = setUp()
    let made = 0
    const endless = new Observable<Tagged>((subscriber) => {
      while (!subscriber.closed) {
        made++
        subscriber.next(frame(`${made}`))
      }
    })
    endless.pipe(limiter.lane('a'), take(2)).subscribe()
    // One more is made, and finds that nobody listens.
    expect(made).toBe(3)
  })

  it('tells how long a frame queued now would wait', () => {
    const { open, limiter, advanceTo } = setUp()
    const a = open('a')
    advanceTo(250)
    expect(limiter.estimate('a')).toBe(0)
    send(a, '1', '2')
    expect(limiter.estimate('a')).toBe(750)
    send(a, '3', '4', '5')
    expect(limiter.estimate('a')).toBe(1750)
    expect(limiter.estimate('b')).toBe(750)
    expect(limiter.estimate('a', 'critical')).toBe(750)
    expect(limiter.estimate('a', 'optional')).toBe(1750)
  })

  it('shows the quota at once and whenever it changes, also when an epoch ends in silence', () => {
    const { open, limiter, advanceTo } = setUp()
    const seen: Quota[] = []
    const subscription = limiter.quota$.subscribe((quota) => seen.push(quota))
    send(open('a'), '1', '2', '3')
    advanceTo(2000)
    const none = { critical: 0, normal: 0, optional: 0 }
    expect(seen).toEqual([
      { epoch: 0, limit: 2, used: 0, left: 2, nextEpochAtMs: 1000, waiting: none },
      { epoch: 0, limit: 2, used: 1, left: 1, nextEpochAtMs: 1000, waiting: none },
      { epoch: 0, limit: 2, used: 2, left: 0, nextEpochAtMs: 1000, waiting: none },
      { epoch: 0, limit: 2, used: 2, left: 0, nextEpochAtMs: 1000, waiting: { ...none, normal: 1 } },
      { epoch: 1, limit: 2, used: 1, left: 1, nextEpochAtMs: 2000, waiting: none },
      { epoch: 2, limit: 2, used: 0, left: 2, nextEpochAtMs: 3000, waiting: none },
    ])
    subscription.unsubscribe()
    send(open('b'), '1')
    expect(seen).toHaveLength(6)
  })

  it('keeps no timer when nothing waits', () => {
    const { open, clock, advanceTo } = setUp()
    send(open('a'), '1', '2', '3')
    advanceTo(1000)
    expect(clock.actions).toHaveLength(0)
  })

  it('takes a frame that comes back while one is let out', () => {
    const { limiter, advanceTo } = setUp({ messagesPerEpoch: 3 })
    const source = new Subject<Tagged>()
    const seen: string[] = []
    source.pipe(limiter.lane('a')).subscribe((value) => {
      seen.push(value.name)
      if (seen.length < 5) source.next(frame(`${value.name}'`))
    })
    send(source, '1', '2')
    expect(seen).toEqual(['1', "1'", "1''"])
    advanceTo(9000)
    expect(seen).toEqual(['1', "1'", "1''", "1'''", '2', "1''''"])
  })
})

describe('a lane that is given what is no frame', () => {
  it('ends with an error that says so, and the others go on', () => {
    const { limiter, open, out } = setUp({ messagesPerEpoch: 3 })
    const errors: string[] = []
    const source = open('a')
    of<Tagged>(new Uint8Array(3) as never)
      .pipe(limiter.lane('b'))
      .subscribe({ error: (error: Error) => errors.push(String(error)) })
    send(source, '1')
    expect(errors).toEqual([
      'RateLimitOptionError: "frame" expected an object with "payload", got Uint8Array: use map((payload) => ({ payload })) before it',
    ])
    expect(out).toEqual(['0 a 1'])
  })
})

describe('a rate limiter that is closed', () => {
  it('ends everything when what a frame carries throws', async () => {
    const { limiter, open, clock } = setUp({ maxQueued: 1 })
    const a = open('a')
    const failed: string[] = []
    a.subscription.unsubscribe()
    const b = new Subject<Tagged>()
    b.pipe(limiter.lane('b')).subscribe({ error: (error: Error) => failed.push(error.message) })
    let ended = 0
    limiter.quota$.subscribe({ complete: () => ended++ })
    limiter.events$.subscribe({ complete: () => ended++ })
    send(b, '1', '2', '3')
    const waiting = limiter.ready()
    const wanted = (): boolean => {
      throw new Error('a bug')
    }
    b.next(frame('4', { priority: 'critical', wanted }))
    clock.flush()
    expect(failed).toEqual(['a bug'])
    await expect(waiting).rejects.toMatchObject({
      code: 'ERR_RATE_LIMITER_CLOSED',
      cause: { message: 'a bug' },
    })
    expect(ended).toBe(2)
  })

  it('ends its lanes, drops what waits, and refuses with the reason', async () => {
    const { open, limiter, out, advanceTo } = setUp()
    const a = open('a')
    send(a, '1', '2', '3')
    let quotaEnded = false
    limiter.quota$.subscribe({ complete: () => (quotaEnded = true) })
    const full = limiter.ready(16_384)
    limiter.close()
    limiter.close()
    await expect(full).rejects.toThrow(RateLimiterClosedError)
    await expect(limiter.ready()).rejects.toMatchObject({ code: 'ERR_RATE_LIMITER_CLOSED' })
    expect(limiter.reserve('a', 1, 1)).toMatchObject({ granted: false, reason: 'closed' })
    expect(limiter.estimate('a')).toBeUndefined()
    advanceTo(9000)
    send(a, '4')
    expect(out).toEqual(['0 a 1', '0 a 2', '0 a |'])
    expect(quotaEnded).toBe(true)
    let completed = false
    new Subject<Tagged>().pipe(limiter.lane('b')).subscribe({ complete: () => (completed = true) })
    expect(completed).toBe(true)
  })
})

describe('a rate limiter that is off', () => {
  it('passes everything at once, synchronously and in order', () => {
    // RTL-06
    const { open, out, limiter, clock } = setUp({ enabled: false })
    const [a, b] = [open('a'), open('b')]
    for (let i = 0; i < 10; i++) a.next(frame(`${i}`, { priority: i % 2 ? 'optional' : 'normal' }))
    send(b, 'x')
    a.complete()
    expect(out).toEqual([...Array.from({ length: 10 }, (_, i) => `0 a ${i}`), '0 b x', '0 a |'])
    expect(clock.actions).toHaveLength(0)
    expect(limiter.estimate('a')).toBe(0)
    limiter.quota$.subscribe(({ limit, left, used }) =>
      expect([limit, left, used]).toEqual([Infinity, Infinity, 0]),
    )
    expect.assertions(4)
  })

  it('tells whoever waits for room that reserved frames have passed', async () => {
    const { limiter, open } = setUp({ enabled: false, maxQueued: 2 })
    const a = open('a')
    const reservation = limiter.reserve('a', 2, 2)
    if (!reservation.granted) throw new Error(reservation.message)
    let ready = false
    void limiter.ready(2).then(() => (ready = true))
    a.next(frame('1', { reservation }))
    await settled()
    expect(ready).toBe(false)
    a.next(frame('2', { reservation }))
    await settled()
    expect(ready).toBe(true)
  })

  it('is the default, with an epoch of 600 s and one message', () => {
    // RTL-15, RTL-17, RTL-19
    const clock = new VirtualTimeScheduler()
    const quotaOf = (options: RateLimiterOptions): Quota => {
      let seen: Quota | undefined
      createRateLimiter({ scheduler: clock, ...options })
        .quota$.subscribe((quota) => (seen = quota))
        .unsubscribe()
      return seen!
    }
    expect(quotaOf({})).toMatchObject({ limit: Infinity, nextEpochAtMs: 600_000 })
    expect(quotaOf({ enabled: true })).toMatchObject({ limit: 1, nextEpochAtMs: 600_000 })
    // Who names a quota wants it kept, unless he says otherwise.
    expect(quotaOf({ messagesPerEpoch: 20 })).toMatchObject({ limit: 20 })
    expect(quotaOf({ enabled: false, messagesPerEpoch: 20 })).toMatchObject({ limit: Infinity })
    expect(quotaOf({ epochMs: 1000 })).toMatchObject({ limit: Infinity })
    // Where RLN is active, the limiter is on.
    expect(quotaOf({ messagesPerEpoch: 20, quota: () => ({ epoch: 1, limit: 7 }) })).toMatchObject({
      limit: 7,
    })
  })
})

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

describe('the used quota', () => {
  it('is stored before a frame that uses it is let out, in blocks', async () => {
    const writes: { readonly changes: readonly Change[]; readonly done: () => void }[] = []
    const { open, out } = setUp({
      messagesPerEpoch: 64,
      keyPrefix: 'quota/',
      write: (changes) => new Promise((done) => writes.push({ changes, done })),
    })
    const a = open('a')
    send(a, '1')
    expect(out).toEqual([])
    expect(writes).toHaveLength(1)
    expect(writes[0]!.changes.map(({ key }) => key)).toEqual(['quota/wall'])
    writes[0]!.done()
    await settled()
    expect(out).toEqual(['0 a 1'])
    // A block is a sixteenth of the limit.
    send(a, '2', '3', '4')
    expect(out).toHaveLength(4)
    expect(writes).toHaveLength(1)
    send(a, '5')
    expect(out).toHaveLength(4)
    expect(writes).toHaveLength(2)
    writes[1]!.done()
    await settled()
    expect(out).toHaveLength(5)
  })

  it('joins the write of a unit of work, inside which the frames are let out', async () => {
    const writes: string[][] = []
    const unitOfWork = createUnitOfWork({
      write: async (changes) => {
        writes.push(changes.map(({ key }) => key))
      },
    })
    const { open, out, limiter } = setUp({ unitOfWork, keyPrefix: 'limiter/' })
    const seen: string[] = []
    const source = new Subject<Tagged>()
    source
      .pipe(
        limiter.lane('b'),
        tap(() => unitOfWork.add([{ key: 'next stage', value: Uint8Array.of(1) }])),
        committed(unitOfWork),
      )
      .subscribe(({ name }) => seen.push(name))
    source.next(frame('1'))
    expect(seen).toEqual([])
    await settled()
    expect(writes).toEqual([['limiter/wall', 'next stage']])
    expect(seen).toEqual(['1'])
    send(open('a'), '2')
    expect(out).toEqual(['0 a 2'])
  })

  it('is honoured after a restart', async () => {
    const stored = new Map<string, Uint8Array>()
    const write = (changes: readonly Change[]): Promise<void> => {
      for (const { key, value } of changes) stored.set(key, value!)
      return Promise.resolve()
    }
    const before = setUp({ write })
    send(before.open('a'), '1', '2')
    await settled()
    expect(before.out).toHaveLength(2)
    const restore = [...stored].map(([key, value]) => ({ key, value }))
    const after = setUp({ restore })
    after.advanceTo(999)
    send(after.open('a'), '3')
    expect(after.out).toEqual([])
    after.advanceTo(1000)
    expect(after.out).toEqual(['1000 a 3'])
  })

  it('counts as spent for the epoch when it comes back corrupt, which is reported', () => {
    const corrupt: string[] = []
    const { limiter, open, out, advanceTo } = setUp({
      restore: [{ key: 'wall', value: Uint8Array.of(9, 9) }],
      onCorrupt: (key, reason) => corrupt.push(`${key}: ${reason}`),
    })
    expect(corrupt).toEqual(['wall: expected version 1, got 9'])
    // Once it was no number.
    let quota: Quota | undefined
    limiter.quota$.pipe(take(1)).subscribe((now) => (quota = now))
    expect(quota).toMatchObject({ limit: 2, used: 2, left: 0 })
    send(open('a'), '1')
    expect(out).toEqual([])
    advanceTo(1000)
    expect(out).toEqual(['1000 a 1'])
  })

  it('goes on being granted while the store fails, which is reported', async () => {
    const failure = new Error('disk full')
    const { open, out, events } = setUp({ write: () => Promise.reject(failure) })
    send(open('a'), '1')
    await settled()
    expect(out).toEqual(['0 a 1'])
    expect(events).toEqual([{ type: 'store-failed', error: failure }])
  })
})

describe('a quota provider', () => {
  it('tightens the cap, never widens it', () => {
    // RTL-17
    let limit = 5
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 3, quota: () => ({ epoch: 0, limit }) })
    const a = open('a')
    send(a, '1', '2', '3', '4')
    expect(out).toHaveLength(3)
    limit = 1
    advanceTo(1000)
    expect(out).toHaveLength(3)
  })

  it('that shrinks the limit in mid-epoch is honoured at once', () => {
    let provided = { epoch: 0, limit: 3 }
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 9, quota: () => provided })
    const a = open('a')
    send(a, '1', '2')
    provided = { epoch: 0, limit: 2 }
    send(a, '3')
    expect(out).toHaveLength(2)
    provided = { epoch: 0, limit: 3 }
    // Whatever comes next has the quota looked at.
    send(a, '4')
    expect(out).toHaveLength(3)
    provided = { epoch: 1, limit: 3 }
    advanceTo(1000)
    expect(out).toHaveLength(4)
  })

  it('is asked again when it alone holds things up, and gives no estimate while it allows nothing', () => {
    let provided = { epoch: 7, limit: 0 }
    const { open, out, advanceTo, limiter } = setUp({ quota: () => provided })
    send(open('a'), '1')
    expect(limiter.estimate('a')).toBeUndefined()
    advanceTo(120)
    expect(out).toEqual([])
    provided = { epoch: 7, limit: 1 }
    advanceTo(200)
    expect(out).toEqual(['150 a 1'])
  })

  it('that says how much remains decides, whoever used the rest', () => {
    let provided = { epoch: 0, limit: 10, remaining: 3 }
    const { open, out, limiter, advanceTo } = setUp({ messagesPerEpoch: 10, quota: () => provided })
    const lefts: number[] = []
    limiter.quota$.subscribe(({ used, left }) => lefts.push(used, left))
    const a = open('a')
    send(a, '1', '2', '3', '4')
    expect(out).toHaveLength(3)
    expect(lefts).toEqual([7, 3, 8, 2, 9, 1, 10, 0, 10, 0].slice(0, lefts.length))
    provided = { epoch: 0, limit: 10, remaining: 1 }
    advanceTo(60)
    expect(out).toHaveLength(4)
    provided = { epoch: 1, limit: 10, remaining: 2 }
    send(a, '5', '6', '7')
    expect(out).toHaveLength(6)
    provided = { epoch: 1, limit: 10, remaining: NaN }
    advanceTo(1000)
    expect(out).toHaveLength(7)
  })

  it('that answers later holds all up until it has answered, and is asked once a second', async () => {
    let asked = 0
    const answers: ((quota: ProvidedQuota) => void)[] = []
    const quota = (): Promise<ProvidedQuota> => {
      asked++
      return new Promise((resolve) => answers.push(resolve))
    }
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 9, quota, epochMs: 10_000 })
    const a = open('a')
    send(a, '1', '2', '3')
    expect([asked, out]).toEqual([1, []])
    answers[0]!({ epoch: 0, limit: 9, remaining: 2 })
    await settled()
    expect(out).toEqual(['0 a 1', '0 a 2'])
    advanceTo(900)
    expect(asked).toBe(1)
    advanceTo(1_600)
    expect(asked).toBe(2)
    answers[1]!({ epoch: 0, limit: 9, remaining: 1 })
    await settled()
    expect(out).toHaveLength(3)
  })

  it('that never answers, or fails, leaves it to the wall clock after ten seconds', async () => {
    for (const quota of [
      () => new Promise<undefined>(() => {}),
      () => Promise.reject(new Error('no membership')),
    ]) {
      const { open, out, advanceTo } = setUp({ messagesPerEpoch: 1, quota, epochMs: 60_000 })
      send(open('a'), '1', '2')
      await settled()
      advanceTo(10_100)
      await settled()
      advanceTo(12_000)
      expect(out).toHaveLength(1)
    }
  })

  it('that throws, is absent or talks nonsense leaves it to the wall clock, with the last limit of the epoch', () => {
    let answer: () => { epoch: number; limit: number } | undefined = () => ({ epoch: 3, limit: 1 })
    const { open, out, advanceTo } = setUp({ messagesPerEpoch: 2, quota: () => answer() })
    const a = open('a')
    send(a, '1', '2', '3', '4', '5', '6', '7')
    expect(out).toHaveLength(1)
    answer = () => {
      throw new Error('not yet')
    }
    advanceTo(999)
    expect(out).toHaveLength(1)
    advanceTo(1000)
    expect(out).toHaveLength(3)
    answer = () => undefined
    advanceTo(2000)
    expect(out).toHaveLength(5)
    answer = () => ({ epoch: -1, limit: NaN })
    advanceTo(3000)
    expect(out).toHaveLength(7)
  })
})
