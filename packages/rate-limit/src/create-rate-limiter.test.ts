import { Observable, Subject, VirtualTimeScheduler, of, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type Quota, RateLimiterClosedError, type RateLimiterOptions, createRateLimiter } from './index.ts'
import { type Tagged, frame, setUp, send, settled } from '../test/limiter.ts'

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
