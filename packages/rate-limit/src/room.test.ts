import { describe, expect, it } from 'vitest'
import { RateLimitOptionError } from './index.ts'
import { frame, setUp, send, settled, waitingOf } from '../test/limiter.ts'

describe('a rate limiter whose room is limited', () => {
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
})
