import { describe, expect, it } from 'vitest'
import { fakeTransport } from '../../test/fake-transport.ts'
import { toMs } from '../core/nanoseconds.ts'
import type { PushRequest } from '../services.ts'
import { status } from '../../test/fake-services.ts'
import { inFakeTime } from '../../test/fake-time.ts'

const pass = inFakeTime()

// N3
describe('the hash', () => {
  it('is known in the turn in which it is sent, before any answer, so that the next of a burst can name it', async () => {
    const { services, transport, send, outcomes } = fakeTransport()
    services.add('one').delayMs = 1000
    const hashes: string[] = []
    transport.hashes$.subscribe(({ hash }) => hashes.push(hash))
    const id = await send('first')
    await Promise.resolve()
    expect(hashes).toHaveLength(1)
    await pass(2000)
    expect(outcomes(id)).toMatchObject([{ hash: hashes[0] }])
  })

  it('is told when the message is accepted, before anything else can be sent', async () => {
    // N3
    const { services, transport, send, outcomes } = fakeTransport()
    services.add('one')
    const hashes: string[] = []
    transport.hashes$.subscribe(({ hash }) => hashes.push(hash))
    const ids = ['x', 'y', 'z'].map(async (text, index) => {
      const id = send(text)
      expect(hashes).toHaveLength(index + 1)
      return id
    })
    await pass(1_000)
    for (const [index, id] of (await Promise.all(ids)).entries())
      expect(outcomes(id).at(-1)).toMatchObject({ type: 'message-sent', hash: hashes[index] })
  })

  it('is told anew when the message is stamped anew', async () => {
    const { services, transport, send, outcomes } = fakeTransport({ maxAttempts: 100 })
    const node = services.add('one')
    const start = Date.now()
    node.onPush = () => (Date.now() - start > 15_000 ? undefined : status(503))
    const hashes: string[] = []
    transport.hashes$.subscribe(({ hash }) => hashes.push(hash))
    const id = await send('x')
    await pass(30_000)
    expect(hashes).toHaveLength(2)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent', hash: hashes[1] }])
  })
})

describe('the time stamp', () => {
  // A store keeps nothing that is more than 20 seconds off its clock.
  const stampMs = ({ message }: PushRequest): number => toMs(message.timestampNs!)

  it('is at most five seconds older than leaving, however long a message was queued', async () => {
    const { services, send } = fakeTransport()
    await send('x')
    await pass(50_000)
    const ages: number[] = []
    const node = services.add('one', [])
    node.onPush = (request) => void ages.push(Date.now() - stampMs(request))
    node.services.add('lightPush')
    services.changes$.next()
    for (let i = 0; i < 99; i++) await send('x')
    await pass(60_000)
    expect(ages).toHaveLength(100)
    expect(Math.max(...ages)).toBeLessThanOrEqual(5_000)
  })

  // F9: what is pushed with its old stamp is taken, and kept by no store.
  it.each(['declines', 'does not answer'])(
    'is made anew after 12 s when a service node %s and no store has the message',
    async (what) => {
      const { services, send, outcomes } = fakeTransport({ maxAttempts: 100 })
      const node = services.add('one')
      const start = Date.now()
      const stamps = new Set<number>()
      node.onPush = (request) => {
        const ageMs = Date.now() - stampMs(request)
        expect(ageMs).toBeLessThan(15_000)
        stamps.add(stampMs(request) - start)
        if (Date.now() - start > 30_000) return undefined
        return what === 'declines' ? status(503) : Promise.reject(new Error('cut'))
      }
      const id = await send('x')
      await pass(60_000)
      const { hash } = node.pushes.at(-1)!
      expect(outcomes(id)).toMatchObject([{ type: 'message-sent', hash }])
      expect(stamps.size).toBeGreaterThan(1)
      expect([...node.store.keys()]).toEqual([hash])
    },
  )

  // F9: cut in the middle, no service node for 40 s; the one that comes keeps nothing that is 20 s off.
  it.each([
    ['anew when no store has the message', false, 2],
    ['no more when a store has it', true, 1],
  ])('has a push in doubt made %s', async (_, wasTaken, pushes) => {
    const { services, send, outcomes, events } = fakeTransport()
    const first = services.add('first')
    first.onPush = ({ message }) => {
      if (wasTaken) services.take(first, first.pushes[0]!.hash, message)
      return Promise.reject(new Error('cut'))
    }
    const id = await send('x')
    await pass(20)
    services.remove('first')
    await pass(40_000)
    const next = services.add('next')
    for (const [hash, message] of first.store) next.store.set(hash, message)
    await pass(5000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(first.pushes.length + next.pushes.length).toBe(pushes)
    expect([...next.store.keys()]).toEqual([(events.at(-1) as { hash: string }).hash])
  })

  // F9: twice is better than never, and only once while the doubt is young.
  it('is made anew too when no store can be asked, but not within 12 s, and not of an ephemeral message', async () => {
    for (const ephemeral of [false, true]) {
      const { services, send } = fakeTransport({ maxAttempts: 100 })
      const node = services.add('one', ['lightPush'])
      node.onPush = () => Promise.reject(new Error('cut'))
      await send('x', { ephemeral })
      await pass(11_900)
      expect(new Set(node.pushes.map(({ hash }) => hash)).size).toBe(1)
      await pass(30_000)
      expect(new Set(node.pushes.map(({ hash }) => hash)).size > 1).toBe(!ephemeral)
    }
  })
})
