import { describe, expect, it } from 'vitest'
import { silent, status } from '../../test/fake-services.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { inFakeTime } from '../../test/fake-time.ts'
import type { Status } from '../core/status.ts'

const pass = inFakeTime()

describe('retries', () => {
  // Without a time limit of our own this never ends.
  it('gives up on a silent service node after the timeout and turns to another', async () => {
    const { services, send, outcomes, diagnosed } = fakeTransport({ requestTimeoutMs: 2000 })
    const mute = services.add('mute')
    mute.onPush = silent
    const id = await send('x')
    await pass(1999)
    const other = services.add('other')
    expect(other.pushes).toEqual([])
    await pass(100)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect([mute.pushes.length, other.pushes.length]).toEqual([1, 1])
    expect(diagnosed('push-failed')).toMatchObject([{ peer: 'mute', final: false }])
  })

  it('goes on with the others while a service node is silent, and asks that one ever more rarely', async () => {
    const { services, send, events } = fakeTransport({ requestTimeoutMs: 1000 })
    const mute = services.add('mute')
    mute.onPush = silent
    services.add('other')
    for (let i = 0; i < 100; i++) await send(`${i}`)
    await pass(60_000)
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(100)
    expect(mute.pushes.length).toBeLessThan(25)
  })

  it('turns to another service node when one declines', async () => {
    const { services, send, outcomes } = fakeTransport()
    services.add('busy').onPush = () => status(503)
    services.add('idle')
    const ids = [await send('1'), await send('2'), await send('3')]
    await pass(1000)
    expect(ids.map((id) => outcomes(id)[0]?.type)).toEqual(['message-sent', 'message-sent', 'message-sent'])
  })

  it('backs off, and ends in an error with status and cause after the last attempt', async () => {
    const { services, send, outcomes } = fakeTransport({ maxAttempts: 5 })
    const node = services.add('one')
    node.onPush = () => status(503, 'SERVICE_UNAVAILABLE')
    const id = await send('x')
    await pass(60_000)
    expect(node.pushes).toHaveLength(5)
    const gaps = node.pushes.slice(1).map(({ atMs }, i) => atMs - node.pushes[i]!.atMs)
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
    expect(gaps[0]).toBeGreaterThan(150)
    expect(outcomes(id)).toMatchObject([
      {
        type: 'message-error',
        error: expect.stringContaining('503 SERVICE_UNAVAILABLE'),
        cause: { status: 503 },
      },
    ])
  })

  // The codes that the SDK hides.
  it.each([400, 413, 420])('does not try again what no service node takes: %i', async (code) => {
    const { services, send, outcomes } = fakeTransport()
    const nodes = [services.add('one'), services.add('two')]
    for (const node of nodes) node.onPush = () => status(code)
    const id = await send('x')
    await pass(60_000)
    expect(nodes.map(({ pushes }) => pushes.length).toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(outcomes(id)).toMatchObject([{ type: 'message-error' }])
  })

  it('resends to a service node that comes back', async () => {
    const { services, send, outcomes } = fakeTransport()
    const node = services.add('one')
    node.onPush = () => Promise.reject(new Error('cut'))
    const id = await send('x')
    await pass(300)
    services.remove('one')
    await pass(5000)
    services.add('one')
    await pass(2000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })
})

// F15
describe('an error', () => {
  it('is certain when nobody can have the message, and not when a push was not answered', async () => {
    const cases: [answer: () => Promise<never> | Status, certain: boolean][] = [
      [() => status(503), true],
      [() => status(420), true],
      [() => Promise.reject(new Error('cut')), false],
    ]
    for (const [answer, certain] of cases) {
      const { services, send, outcomes } = fakeTransport({ maxAttempts: 1 })
      services.add('one', ['lightPush']).onPush = answer
      const id = await send('x')
      await pass(10_000)
      expect(outcomes(id)).toMatchObject([{ type: 'message-error', certain }])
    }
  })

  it('is certain of what never left, and not of what was under way, when the transport is closed', async () => {
    const { services, transport, send, outcomes } = fakeTransport({ maxConcurrentPushes: 1 })
    services.add('one').onPush = silent
    const ids = [await send('under way'), await send('waiting')]
    await pass(100)
    await Promise.all([transport.close(), pass(2000)])
    expect(ids.map((id) => outcomes(id)[0])).toMatchObject([{ certain: false }, { certain: true }])
  })

  it('is not given when a store has what the last attempt left in doubt', async () => {
    const { services, send, outcomes } = fakeTransport({ maxAttempts: 1 })
    const node = services.add('one')
    node.onPush = ({ message }) => {
      services.take(node, node.pushes[0]!.hash, message)
      return Promise.reject(new Error('cut'))
    }
    const id = await send('x')
    await pass(5000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('comes within the time that the transport tells, whatever service nodes do', async () => {
    const { services, transport, send, outcomes } = fakeTransport({ maxAttempts: 1000, giveUpMs: 5000 })
    const id = await send('x')
    let at: number | undefined
    transport.events$.subscribe(() => (at ??= Date.now()))
    const start = Date.now()
    // Now and then there is a service node, which is the end of each wait for one; none takes anything.
    for (let i = 0; i < 30; i++) {
      const node = services.add('one', [])
      node.onPush = () => status(503)
      node.services.add('lightPush')
      services.changes$.next()
      await pass(500)
      services.remove('one')
      await pass(500)
    }
    expect(outcomes(id)).toMatchObject([{ type: 'message-error', certain: true }])
    expect(at! - start).toBeLessThanOrEqual(transport.outcomeWithinMs)
  })
})
