import { TransportClosedError } from '@reliable-channels/transport'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { silent } from '../../test/fake-services.ts'
import { TOPIC, fakeTransport } from '../../test/fake-transport.ts'
import { toMs } from '../core/nanoseconds.ts'
import type { Status } from '../core/status.ts'
import type { PushRequest } from '../services.ts'

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const status = (code: number, text = ''): Status => ({ code, text })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_750_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Whether the real node takes one more light push of one peer: 37 in ten seconds, and five a second of all, saved up. */
function realNodeRule(): (now: number) => boolean {
  let left = 37
  let windowAt = -Infinity
  let shared = 5
  let sharedAt = Date.now()
  return (now) => {
    if (now - windowAt >= 10_000) {
      left = 37
      windowAt = now
    }
    shared = Math.min(50, shared + (now - sharedAt) / 200)
    sharedAt = now
    if (left === 0) return false
    left--
    if (shared < 1) return false
    shared--
    return true
  }
}

describe('pacing', () => {
  // The real node takes 37 light pushes of one peer in ten seconds.
  it('stays below the limit of each service node: a burst of five, then three a second', async () => {
    const { services, send, events } = fakeTransport()
    const node = services.add('one')
    for (let i = 0; i < 100; i++) await send(`${i}`)
    await pass(100)
    expect(node.pushes).toHaveLength(5)
    await pass(40_000)
    expect(node.pushes).toHaveLength(100)
    for (const { atMs } of node.pushes) {
      const inWindow = node.pushes.filter((other) => other.atMs >= atMs && other.atMs < atMs + 10_000)
      expect(inWindow.length).toBeLessThanOrEqual(37)
    }
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(100)
  })

  it('spreads messages over service nodes, which makes it faster by as many', async () => {
    const { services, send } = fakeTransport()
    const nodes = ['one', 'two', 'three'].map((name) => services.add(name))
    for (let i = 0; i < 60; i++) await send(`${i}`)
    await pass(5100)
    expect(nodes.map(({ pushes }) => pushes.length)).toEqual([20, 20, 20])
  })

  it('sends in the order of the requests', async () => {
    const { services, send, events } = fakeTransport()
    services.add('one')
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push(await send(`${i}`))
    await pass(10_000)
    expect(events.filter(({ type }) => type === 'message-sent').map(({ requestId }) => requestId)).toEqual(
      ids,
    )
  })

  // At 64 libp2p opens no more streams.
  it('never has more than 32 pushes under way', async () => {
    const { services, send, events } = fakeTransport({ pushesPerSecond: Infinity, pushBurst: 1000 })
    services.add('one').delayMs = 100
    services.add('two').delayMs = 100
    for (let i = 0; i < 200; i++) await send(`${i}`)
    await pass(5000)
    expect(services.mostUnderWay).toBe(32)
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(200)
  })

  it.each([
    ['answers at once', () => 10],
    ['is slow', () => 900],
    ['answers nothing for 4.9 s, then at once', (ms: number) => Math.max(4_900 - ms, 10)],
    ['stalls for 4.9 s of every ten', (ms: number) => Math.max(4_900 - (ms % 10_000), 10)],
    ['stalls for a minute', (ms: number) => Math.max(60_000 - ms, 10)],
  ])('is never told 429 by a service node that has just started and %s', async (_, delayAt) => {
    const { services, send, diagnosed } = fakeTransport({ maxAttempts: 1000 })
    const node = services.add('one')
    const admit = realNodeRule()
    const start = Date.now()
    node.onPush = async () => {
      // What the sender does not wait for any longer arrives all the same.
      await new Promise((resolve) => setTimeout(resolve, delayAt(Date.now() - start)))
      return admit(Date.now()) ? undefined : status(429)
    }
    for (let i = 0; i < 150; i++) await send(`${i}`)
    await pass(240_000)
    expect(diagnosed('rate-limited')).toEqual([])
    expect(node.pushes.length).toBeGreaterThanOrEqual(150)
  })

  it('has two pushes to one service node under way at most, and more at a faster pace', async () => {
    for (const [pushesPerSecond, most] of [
      [3, 2],
      [10, 5],
    ] as const) {
      const { services, send } = fakeTransport({ pushesPerSecond, pushBurst: 20 })
      services.add('one').delayMs = 400
      for (let i = 0; i < 50; i++) await send(`${i}`)
      await pass(60_000)
      expect([services.mostUnderWay, services.nodes.get('one')!.pushes.length]).toEqual([most, 50])
    }
  })

  it('does not give up a message that was tried for long because its service node is busy', async () => {
    const { services, send, outcomes } = fakeTransport({ giveUpMs: 4_000, maxAttempts: 20 })
    const node = services.add('one')
    node.delayMs = 600
    node.onPush = () => (node.pushes.length <= 12 ? status(503) : undefined)
    const ids: string[] = []
    for (let i = 0; i < 12; i++) ids.push(await send(`${i}`))
    await pass(60_000)
    expect(ids.map((id) => outcomes(id).map(({ type }) => type))).toEqual(ids.map(() => ['message-sent']))
  })

  it('leaves a service node alone for ten seconds that says 429, and counts no attempt', async () => {
    const { services, send, outcomes, diagnosed } = fakeTransport({ maxAttempts: 1 })
    const node = services.add('one')
    node.onPush = () => (node.pushes.length === 1 ? status(429) : undefined)
    const id = await send('x')
    await pass(9900)
    expect([node.pushes.length, outcomes(id).length]).toEqual([1, 0])
    await pass(1000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(diagnosed('rate-limited')).toMatchObject([{ peer: 'one', pauseMs: 10_000 }])
  })
})

describe('one message', () => {
  // Without a timestamp of its own `@waku/sdk` encodes it anew for each service node.
  it('has one hash whatever the number of service nodes that get it', async () => {
    const { services, send, outcomes } = fakeTransport({ confirmPeers: 3 })
    const nodes = ['one', 'two', 'three'].map((name) => services.add(name))
    const id = await send('x')
    await pass(100)
    const hashes = new Set(nodes.flatMap(({ pushes }) => pushes.map(({ hash }) => hash)))
    expect([...hashes]).toEqual([(outcomes(id)[0] as { hash: string }).hash])
    expect(nodes.map(({ pushes }) => pushes.length)).toEqual([1, 1, 1])
  })

  // autoRetry of the SDK sends again after success.
  it('is pushed once when it is taken at once', async () => {
    const { services, send } = fakeTransport()
    const [one, two] = [services.add('one'), services.add('two')]
    await send('x')
    await pass(120_000)
    expect(one.pushes.length + two.pushes.length).toBe(1)
  })

  it('differs from an equal one of the same millisecond', async () => {
    const { services, send, events } = fakeTransport()
    services.add('one')
    await send('x')
    await send('x')
    await pass(100)
    const hashes = events.flatMap((event) => (event.type === 'message-sent' ? [event.hash] : []))
    expect(new Set(hashes).size).toBe(2)
  })

  // MSG-05, MSG-06: propagated before sent, each once.
  it('is propagated, then sent, each once', async () => {
    const { services, send, events } = fakeTransport({ confirmPeers: 2 })
    services.add('one')
    services.add('two')
    await send('x')
    await pass(1000)
    expect(events.map(({ type }) => type)).toEqual(['message-propagated', 'message-sent'])
  })

  // MSG-22
  it('is told of with request id and hash, and received with hash and message', async () => {
    const { services, send, transport, events, messages } = fakeTransport({ maxAttempts: 1 })
    const node = services.add('one')
    await Promise.all([transport.subscribe(TOPIC), pass(50)])
    const requestId = await send('x')
    await pass(100)
    const { hash } = node.pushes[0]!
    expect(events).toEqual([
      { type: 'message-propagated', requestId, hash },
      { type: 'message-sent', requestId, hash },
    ])
    expect(messages).toEqual([
      {
        hash,
        contentTopic: TOPIC,
        payload: new TextEncoder().encode('x'),
        ephemeral: false,
        timestampMs: expect.any(Number),
        echoOf: { contentTopic: TOPIC, payload: new TextEncoder().encode('x'), ephemeral: false },
      },
    ])
    node.onPush = () => status(420, 'too big')
    const failed = await send('y')
    await pass(100)
    expect(events.at(-1)).toEqual({
      type: 'message-error',
      requestId: failed,
      hash: node.pushes[1]!.hash,
      error: expect.stringContaining('too big'),
      certain: true,
      cause: expect.any(Error),
    })
  })
})

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

describe('505', () => {
  it('is settled by a store: there it is', async () => {
    const { services, send, outcomes } = fakeTransport()
    const node = services.add('one')
    node.onPush = (request) => {
      const { hash } = node.pushes.at(-1)!
      void request
      setTimeout(
        () =>
          node.store.set(hash, {
            contentTopic: TOPIC,
            payload: new Uint8Array(1),
            ephemeral: false,
            timestampNs: 1n,
          }),
        300,
      )
      return status(505)
    }
    const id = await send('x')
    await pass(2000)
    expect(node.pushes).toHaveLength(1)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('is settled by a store: there it is not, so that others are asked', async () => {
    const { services, send, outcomes } = fakeTransport()
    const alone = services.add('alone')
    alone.onPush = () => status(505)
    const id = await send('x')
    await pass(1000)
    services.add('meshed')
    await pass(5000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('after a push that another service node took means that it is there already', async () => {
    const { services, send, outcomes } = fakeTransport({ confirmPeers: 2 })
    const nodes = [services.add('one', ['lightPush']), services.add('two', ['lightPush'])]
    for (const node of nodes) {
      node.onPush = () => (nodes.every(({ pushes }) => pushes.length > 0) ? status(505) : undefined)
    }
    const id = await send('x')
    await pass(200)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  // Own messages come back through the filter; here that is proof.
  it('of an ephemeral message, which no store has, is settled by its coming back', async () => {
    const { services, send, transport, outcomes } = fakeTransport()
    const node = services.add('alone')
    await Promise.all([transport.subscribe(TOPIC), pass(100)])
    node.onPush = ({ message }) => {
      services.deliver(message)
      return status(505)
    }
    const id = await send('x', { ephemeral: true })
    await pass(1000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(node.pushes).toHaveLength(1)
  })

  it('without any sign of the message ends in an error after the last attempt', async () => {
    const { services, send, outcomes } = fakeTransport({ maxAttempts: 3 })
    services.add('alone').onPush = () => status(505)
    const id = await send('x')
    await pass(60_000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-error', error: expect.stringContaining('nobody') }])
  })

  it('asks for all messages in doubt at once', async () => {
    const { services, send } = fakeTransport({ pushesPerSecond: Infinity, pushBurst: 100, maxAttempts: 1 })
    const node = services.add('alone')
    node.onPush = () => status(505)
    for (let i = 0; i < 30; i++) await send(`${i}`)
    await pass(100)
    expect(node.queries.map(({ hashes }) => hashes?.length)).toEqual([30])
  })
})

describe('waiting', () => {
  // MSG-01: a request is accepted with no peers at all.
  it('keeps what is sent before a service node is there, and sends it then', async () => {
    const { services, send, outcomes } = fakeTransport()
    const id = await send('x')
    await pass(30_000)
    expect(outcomes(id)).toEqual([])
    services.add('one')
    await pass(100)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('gives up what nobody could take for giveUpMs', async () => {
    const { send, outcomes } = fakeTransport({ giveUpMs: 20_000 })
    const id = await send('x')
    await pass(19_999)
    expect(outcomes(id)).toEqual([])
    await pass(2)
    expect(outcomes(id)).toMatchObject([
      { type: 'message-error', error: expect.stringContaining('20000 ms') },
    ])
  })

  it('leaves no timer when it is closed by whoever is told that a message was given up', async () => {
    const fake = fakeTransport({ giveUpMs: 1000 })
    const ids = [await fake.send('a')]
    await pass(500)
    ids.push(await fake.send('b'))
    fake.transport.events$.subscribe(() => void fake.transport.close())
    await pass(600)
    expect(fake.events.map(({ requestId }) => requestId)).toEqual(ids)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives up after giveUpMs when fewer service nodes than asked for took it', async () => {
    const { services, send, outcomes } = fakeTransport({ confirmPeers: 2, giveUpMs: 20_000 })
    services.add('only')
    const id = await send('x')
    await pass(30_000)
    expect(outcomes(id)).toMatchObject([
      { type: 'message-error', error: '1 of 2 service nodes took the message' },
    ])
  })

  it('ends all requests once when the node is stopped, and works again when it is started', async () => {
    const { services, send, outcomes, events } = fakeTransport()
    services.add('one').delayMs = 500
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push(await send(`${i}`))
    await pass(100)
    services.setStarted(false)
    await pass(60_000)
    expect(ids.map((id) => outcomes(id).map(({ type }) => type))).toEqual(ids.map(() => ['message-error']))
    services.setStarted(true)
    const late = await send('late')
    await pass(10_000)
    expect(outcomes(late)).toMatchObject([{ type: 'message-sent' }])
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(1)
  })

  it('ends all requests once when it is closed, and takes no more', async () => {
    const { services, transport, send, outcomes } = fakeTransport()
    services.add('one').onPush = silent
    const ids = [await send('1'), await send('2')]
    await pass(100)
    const closed = transport.close()
    // Requests that are under way may still be answered.
    await pass(1_000)
    expect(ids.map((id) => outcomes(id).map(({ type }) => type))).toEqual([
      ['message-error'],
      ['message-error'],
    ])
    await closed
    await expect(send('3')).rejects.toBeInstanceOf(TransportClosedError)
    await expect(transport.subscribe(TOPIC)).rejects.toBeInstanceOf(TransportClosedError)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets a push end that is under way when it is closed, and begins no other', async () => {
    const { services, transport, send, outcomes } = fakeTransport()
    const node = services.add('one')
    node.delayMs = 500
    const last = await send('the last word of a channel')
    await pass(10)
    const closed = transport.close()
    await expect(send('too late')).rejects.toBeInstanceOf(TransportClosedError)
    await pass(500)
    await closed
    expect(outcomes(last)).toMatchObject([{ type: 'message-sent' }])
    expect(node.pushes).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('accepts requests as fast as service nodes take them once maxAccepted wait, in order, and loses none', async () => {
    const { services, transport, send, outcomes, events } = fakeTransport({ maxAccepted: 4 })
    const ids: string[] = []
    const accepted = Array.from({ length: 40 }, (_, i) => send(`${i}`).then((id) => ids.push(id)))
    await pass(1000)
    expect([ids.length, transport.queued]).toEqual([4, 40])
    services.add('one')
    await pass(2200)
    // Five at once and three a second were taken, and four are accepted beyond them.
    expect(ids).toHaveLength(5 + 6 + 4)
    await pass(20_000)
    await Promise.all(accepted)
    expect(ids.flatMap(outcomes).map(({ requestId }) => requestId)).toEqual(ids)
    expect(events.filter(({ type }) => type === 'message-sent')).toHaveLength(40)
    expect(transport.queued).toBe(0)
  })

  it('rejects what is not yet accepted when it is closed', async () => {
    const { transport, send } = fakeTransport({ maxAccepted: 1 })
    await send('accepted')
    const waiting = send('waiting')
    const rejected = expect(waiting).rejects.toBeInstanceOf(TransportClosedError)
    await transport.close()
    await rejected
    expect(transport.queued).toBe(0)
  })

  it('rejects what would be accepted in the moment in which it is closed', async () => {
    const { services, transport, send, events } = fakeTransport({ maxAccepted: 1 })
    services.add('one')
    await send('first')
    const second = send('second')
    const rejected = expect(second).rejects.toBeInstanceOf(TransportClosedError)
    transport.events$.subscribe(({ type }) => type === 'message-propagated' && void transport.close())
    await pass(100)
    await rejected
    expect(events.map(({ type }) => type)).toEqual(['message-propagated', 'message-sent'])
    expect(transport.queued).toBe(0)
  })

  it('refuses more than maxQueued requests or maxQueuedBytes of payload, and takes more when some have ended', async () => {
    const { services, transport, send } = fakeTransport({ maxQueued: 3, maxQueuedBytes: 100 })
    await send('1')
    await send('2')
    await expect(send('x'.repeat(99))).rejects.toMatchObject({ code: 'ERR_SEND_QUEUE_FULL' })
    await send('3')
    await expect(send('4')).rejects.toMatchObject({ code: 'ERR_SEND_QUEUE_FULL' })
    expect(transport.queued).toBe(3)
    services.add('one')
    await pass(2000)
    expect(transport.queued).toBe(0)
    await send('4')
  })

  it('refuses what the network cannot carry before it is accepted', async () => {
    const { transport } = fakeTransport()
    const envelope = {
      contentTopic: TOPIC,
      ephemeral: false,
      payload: new Uint8Array(transport.maxMessageBytes + 1),
    }
    await expect(transport.send(envelope)).rejects.toMatchObject({ code: 'ERR_MESSAGE_TOO_LARGE' })
    const long = {
      ...envelope,
      payload: new Uint8Array(transport.maxMessageBytes),
      contentTopic: `/${'x'.repeat(1000)}`,
    }
    await expect(transport.send(long)).rejects.toMatchObject({ code: 'ERR_INVALID_ENVELOPE' })
  })
})

describe('confirmation by the store', () => {
  // MSG-24: a message counts once a store has it.
  it('says sent once a store has the message', async () => {
    const { services, send, events } = fakeTransport({ confirm: 'store' })
    const node = services.add('one')
    node.keepsNothing = true
    await send('x')
    await pass(3000)
    expect(events.map(({ type }) => type)).toEqual(['message-propagated'])
    const { hash } = node.pushes[0]!
    node.store.set(hash, {
      contentTopic: TOPIC,
      payload: new Uint8Array(1),
      ephemeral: false,
      timestampNs: 1n,
    })
    await pass(3000)
    expect(events.map(({ type }) => type)).toEqual(['message-propagated', 'message-sent'])
  })

  // MSG-07, MSG-08: it always ends, with no store and with a store that never has it.
  it.each([true, false])(
    'falls back to the service nodes after confirmStoreMs (a store there: %s)',
    async (hasStore) => {
      const { services, send, outcomes, diagnosed } = fakeTransport({
        confirm: 'store',
        confirmStoreMs: 8000,
      })
      services.add('one', hasStore ? ['lightPush', 'store'] : ['lightPush']).keepsNothing = true
      const id = await send('x')
      await pass(7900)
      expect(outcomes(id)).toEqual([])
      await pass(300)
      expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
      expect(diagnosed('store-unconfirmed')).toMatchObject([{ requestId: id }])
    },
  )

  it('pushes once more, elsewhere, when a service node lost what it took', async () => {
    const { services, send, outcomes, diagnosed } = fakeTransport({
      confirm: 'store',
      confirmStoreMs: 10_000,
    })
    const [one, two] = [services.add('one'), services.add('two')]
    one.keepsNothing = true
    one.deliversNothing = true
    two.services.delete('lightPush')
    const id = await send('x')
    await pass(1000)
    two.services.add('lightPush')
    await pass(9500)
    expect([one.pushes.length, two.pushes.length]).toEqual([1, 1])
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
    expect(diagnosed('store-unconfirmed')).toEqual([])
  })

  it('falls back to the service nodes too when there is no other to push to, however long it waited before', async () => {
    const { services, send, outcomes } = fakeTransport({ confirm: 'store', giveUpMs: 5000 })
    const id = await send('x')
    await pass(4000)
    services.add('one').keepsNothing = true
    await pass(25_000)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  it('falls back to the service nodes too when others refuse it, or all of them go', async () => {
    const { services, send, outcomes } = fakeTransport({
      confirm: 'store',
      giveUpMs: 1000,
      maxAttempts: 3,
    })
    services.add('one').keepsNothing = true
    const ids = [await send('x')]
    await pass(1000)
    const two = services.add('two')
    two.keepsNothing = true
    two.onPush = () => status(420, 'Message size exceeded')
    await pass(25_000)
    ids.push(await send('y'))
    await pass(100)
    services.remove('one')
    services.remove('two')
    await pass(25_000)
    for (const id of ids) expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })

  // EPH-04: an ephemeral message is in no store and ends all the same.
  it('does not wait for a store with an ephemeral message', async () => {
    const { services, send, outcomes } = fakeTransport({ confirm: 'store' })
    services.add('one')
    const id = await send('x', { ephemeral: true })
    await pass(100)
    expect(outcomes(id)).toMatchObject([{ type: 'message-sent' }])
  })
})

describe('whatever the service nodes do', () => {
  const answers = [
    undefined,
    status(200),
    status(505),
    status(503),
    status(429),
    status(420),
    'silent',
    'cut',
  ] as const

  it('ends each request exactly once', async () => {
    const behaviour = fc.array(fc.nat(answers.length - 1), { minLength: 1, maxLength: 8 })
    const property = fc.asyncProperty(
      fc.array(behaviour, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('peers' as const, 'store' as const),
      fc.integer({ min: 1, max: 2 }),
      async (behaviours, confirm, confirmPeers) => {
        const { services, transport, send, outcomes } = fakeTransport({
          confirm,
          confirmPeers,
          giveUpMs: 30_000,
        })
        behaviours.forEach((codes, index) => {
          const node = services.add(`${index}`)
          node.onPush = () => {
            const answer = answers[codes[node.pushes.length % codes.length]!]!
            if (answer === 'silent') return silent()
            if (answer === 'cut') return Promise.reject(new Error('cut'))
            return answer
          }
        })
        const ids: string[] = []
        for (let i = 0; i < 12; i++) ids.push(await send(`${i}`, { ephemeral: i % 3 === 0 }))
        await pass(900_000)
        expect(ids.map((id) => outcomes(id).length)).toEqual(ids.map(() => 1))
        expect(transport.queued).toBe(0)
        await transport.close()
      },
    )
    await fc.assert(property, { numRuns: 25 })
  })
})
