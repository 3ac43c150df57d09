import type { Envelope, TransportEvent, TransportMessage } from '@reliable-channels/transport'
import { VirtualTimeScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  type SimulatedNetwork,
  type SimulatedNetworkOptions,
  type TrafficEvent,
  simulatedNetwork,
  virtualTime,
  type VirtualTime,
} from './index.ts'

const topic = '/test/1/chat/proto'

const envelope = (text: string, more: Partial<Envelope> = {}): Envelope => ({
  contentTopic: topic,
  payload: new TextEncoder().encode(text),
  ephemeral: false,
  ...more,
})

const text = ({ payload }: TransportMessage): string => new TextDecoder().decode(payload)

async function texts(messages: AsyncIterable<TransportMessage>): Promise<string[]> {
  const all: string[] = []
  for await (const message of messages) all.push(text(message))
  return all
}

interface World {
  readonly time: VirtualTime
  readonly network: SimulatedNetwork
  /** The texts that each peer received. */
  readonly received: Record<string, string[]>
  /** When each peer received it, ms since the start. */
  readonly times: Record<string, number[]>
  readonly events: Record<string, TransportEvent[]>
}

/** A network whose named peers listen to the topic. */
async function world(names: readonly string[], options: SimulatedNetworkOptions = {}): Promise<World> {
  const time = virtualTime({ startMs: 0 })
  const network = simulatedNetwork({ scheduler: time, ...options })
  const made: World = { time, network, received: {}, times: {}, events: {} }
  for (const name of names) {
    const peer = network.peer(name)
    const received: string[] = (made.received[name] = [])
    const times: number[] = (made.times[name] = [])
    const events: TransportEvent[] = (made.events[name] = [])
    peer.messages$.subscribe((message) => {
      received.push(text(message))
      times.push(time.now())
    })
    peer.events$.subscribe((event) => events.push(event))
    await peer.subscribe(topic)
  }
  return made
}

async function sendNumbers(
  { network, time }: World,
  name: string,
  count: number,
  everyMs = 1,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    await network.peer(name).send(envelope(String(i)))
    await time.advance(everyMs)
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

describe('simulatedNetwork', () => {
  it('carries messages to every subscribed peer, the sender too, after the latency', async () => {
    const { network, time, received, times } = await world(['alice', 'bob', 'carol'], { latencyMs: 25 })
    await network.peer('alice').send(envelope('hello'))
    await time.run()
    expect(received).toEqual({ alice: ['hello'], bob: ['hello'], carol: ['hello'] })
    expect(times['bob']).toEqual([25])
    expect(network.stats).toMatchObject({
      sent: 1,
      sentBytes: 5,
      delivered: 3,
      deliveredBytes: 15,
      inFlight: 0,
    })
  })

  // N11: what the simulator takes a Waku network takes too.
  it('refuses what is no content topic', async () => {
    const { network } = await world(['alice'])
    const alice = network.peer('alice')
    const refused = {
      code: 'ERR_INVALID_ENVELOPE',
      message:
        '"contentTopic" expected /application/version/name/encoding, such as /chat/1/room/proto, got "chat"',
    }
    await expect(alice.send(envelope('x', { contentTopic: 'chat' }))).rejects.toMatchObject(refused)
    await expect(alice.subscribe('chat')).rejects.toMatchObject(refused)
    await expect(texts(alice.history({ contentTopic: 'chat', sinceMs: 0 }))).rejects.toMatchObject(refused)
  })

  it('loses for each receiver on its own, at about the rate', async () => {
    const made = await world(['alice', 'bob', 'carol'], { loss: 0.3, seed: 5 })
    await sendNumbers(made, 'alice', 2000)
    await made.time.run()
    const { bob, carol } = made.received
    for (const received of [bob!, carol!]) {
      expect(received.length).toBeGreaterThan(1300)
      expect(received.length).toBeLessThan(1500)
    }
    const both = bob!.filter((message) => carol!.includes(message))
    // Independent: 0.7 · 0.7 of all.
    expect(both.length).toBeGreaterThan(900)
    expect(both.length).toBeLessThan(1060)
    expect(made.network.stats.lost).toBe(6000 - made.network.stats.delivered)
  })

  it('decides the fate of each message by the seed, whatever the order of creation and the other traffic', async () => {
    const run = async (names: string[], seed: number, noise: boolean): Promise<unknown> => {
      const made = await world(names, {
        seed,
        loss: 0.3,
        duplicate: 0.2,
        reorder: 0.2,
        jitterMs: 30,
      })
      for (let i = 0; i < 100; i++) {
        await made.network.peer('alice').send(envelope(String(i)))
        if (noise && i % 3 === 0)
          await made.network.peer('carol').send(envelope(`noise ${i}`, { contentTopic: '/n/1/n/n' }))
        await made.time.advance(7)
      }
      await made.time.run()
      return [made.received['bob'], made.times['bob']]
    }
    const one = await run(['alice', 'bob', 'carol'], 11, false)
    expect(await run(['alice', 'bob', 'carol'], 11, false)).toEqual(one)
    expect(await run(['carol', 'bob', 'alice', 'dave'], 11, true)).toEqual(one)
    expect(await run(['alice', 'bob', 'carol'], 12, false)).not.toEqual(one)
  })

  it('changes no other decision when one rate changes', async () => {
    const arrivals = async (duplicate: number): Promise<string[]> => {
      const made = await world(['alice', 'bob'], { loss: 0.5, duplicate })
      await sendNumbers(made, 'alice', 200)
      await made.time.run()
      return [...new Set(made.received['bob'])].toSorted()
    }
    expect(await arrivals(0.5)).toEqual(await arrivals(0))
  })

  it('keeps the order of a sender under jitter alone', async () => {
    const made = await world(['alice', 'bob'], { latencyMs: 10, jitterMs: 100 })
    await sendNumbers(made, 'alice', 200)
    await made.time.run()
    expect(made.received['bob']).toEqual(numbers(200))
  })

  it('reorders at about the rate, within `reorderMs`', async () => {
    const made = await world(['alice', 'bob'], { reorder: 0.2, reorderMs: 50, latencyMs: 10 })
    await sendNumbers(made, 'alice', 500)
    await made.time.run()
    expect(made.received['bob']).not.toEqual(numbers(500))
    expect(made.received['bob']!.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(500))
    expect(made.network.stats.reordered / 1000).toBeGreaterThan(0.15)
    expect(made.network.stats.reordered / 1000).toBeLessThan(0.25)
    made.received['bob']!.forEach((sent, i) => {
      const tookMs = made.times['bob']![i]! - Number(sent)
      expect(tookMs).toBeGreaterThanOrEqual(10)
      expect(tookMs).toBeLessThanOrEqual(60)
    })
  })

  it('duplicates at about the rate', async () => {
    const made = await world(['alice', 'bob'], { duplicate: 0.25 })
    await sendNumbers(made, 'alice', 400)
    await made.time.run()
    expect(made.received['bob']!.length).toBe(
      400 + made.network.stats.duplicated - (made.received['alice']!.length - 400),
    )
    expect(made.network.stats.duplicated / 800).toBeGreaterThan(0.2)
    expect(made.network.stats.duplicated / 800).toBeLessThan(0.3)
  })

  it('tells the sender of each message that it was propagated and then sent', async () => {
    const { network, time, events } = await world(['alice', 'bob'], { latencyMs: 20 })
    const requestId = await network.peer('alice').send(envelope('x'))
    await time.run()
    expect(events['alice']).toMatchObject([
      { type: 'message-propagated', requestId },
      { type: 'message-sent', requestId },
    ])
    expect(events['bob']).toEqual([])
  })

  it('fails requests at the rate of `sendFailure`, and carries nothing of them', async () => {
    const made = await world(['alice', 'bob'], { sendFailure: 0.5 })
    await sendNumbers(made, 'alice', 200)
    await made.time.run()
    const errors = made.events['alice']!.filter(({ type }) => type === 'message-error').length
    expect(errors).toBeGreaterThan(70)
    expect(errors).toBeLessThan(130)
    expect(made.received['bob']!.length).toBe(200 - errors)
    expect(made.network.stats).toMatchObject({ failed: errors, stored: 200 - errors })
  })

  it('cuts a disconnected peer off both ways, and takes it back', async () => {
    const { network, time, received, events } = await world(['alice', 'bob'])
    const states: string[] = []
    network.peer('bob').connection$.subscribe((state) => states.push(state))
    network.peer('bob').disconnect()
    await network.peer('alice').send(envelope('to nobody'))
    const requestId = await network.peer('bob').send(envelope('from nobody'))
    await time.run()
    expect(received).toEqual({ alice: ['to nobody'], bob: [] })
    expect(events['bob']).toMatchObject([
      { type: 'message-error', requestId, error: 'the peer is disconnected' },
    ])
    network.peer('bob').connect()
    await network.peer('alice').send(envelope('again'))
    await time.run()
    expect(received['bob']).toEqual(['again'])
    expect(states).toEqual(['connected', 'disconnected', 'connected'])
  })

  it('ends a request in exactly one error when the connection goes before the confirmation', async () => {
    const { network, time, events, received } = await world(['alice', 'bob'], { latencyMs: 20 })
    await network.peer('alice').send(envelope('x'))
    await time.advance(25)
    network.peer('alice').disconnect()
    await time.run()
    expect(events['alice']!.map(({ type }) => type)).toEqual(['message-propagated', 'message-error'])
    expect(received['bob']).toEqual(['x'])
  })

  it('splits into groups that neither hear nor remember each other, until it heals', async () => {
    const { network, time, received } = await world(['alice', 'bob', 'carol', 'dave'])
    const remembered = async (name: string): Promise<string[]> => {
      const reading = texts(network.peer(name).history({ contentTopic: topic, sinceMs: 0 }))
      await time.run()
      return reading
    }
    await network.peer('alice').send(envelope('before'))
    await time.run()
    network.partition([['alice', 'bob']])
    await network.peer('alice').send(envelope('left'))
    await network.peer('carol').send(envelope('right'))
    await time.run()
    expect(received['bob']).toEqual(['before', 'left'])
    expect(received['dave']).toEqual(['before', 'right'])
    expect(await remembered('bob')).toEqual(['before', 'left'])
    network.heal()
    expect(await remembered('bob')).toEqual(['before', 'left', 'right'])
    await network.peer('alice').send(envelope('after'))
    await time.run()
    expect(received['dave']).toEqual(['before', 'right', 'after'])
  })

  it('gives peers their own conditions and changes the common ones at run time', async () => {
    const time = virtualTime()
    const network = simulatedNetwork({ scheduler: time })
    const received: string[] = []
    const bob = network.peer('bob', { loss: 1 })
    const carol = network.peer('carol')
    bob.messages$.subscribe(() => received.push('bob'))
    carol.messages$.subscribe(() => received.push('carol'))
    await bob.subscribe(topic)
    await carol.subscribe(topic)
    await carol.send(envelope('1'))
    await time.run()
    expect(received).toEqual(['carol'])
    network.change({ loss: 1 })
    const outcomes: string[] = []
    for (const peer of [carol, network.peer('dave', { sendFailure: 1 })]) {
      peer.events$.subscribe(({ type }) => outcomes.push(type))
      await peer.send(envelope('2'))
    }
    await time.run()
    expect(outcomes).toEqual(['message-propagated', 'message-sent', 'message-error'])
    expect(received).toEqual(['carol'])
  })

  it('makes another hash of equal bytes sent again, the same one under the same seed', async () => {
    const hashes = async (): Promise<string[]> => {
      const { network, time, events } = await world(['alice'])
      await network.peer('alice').send(envelope('x'))
      await network.peer('alice').send(envelope('x'))
      await time.run()
      return events['alice']!.flatMap((event) => (event.type === 'message-sent' ? [event.hash] : []))
    }
    const [first, second] = await hashes()
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(second).not.toBe(first)
    expect(await hashes()).toEqual([first, second])
  })

  it('drops and counts what does not fit on the way', async () => {
    const { network, time, received } = await world(['alice'], { maxInFlightBytes: 1000 })
    for (let i = 0; i < 10; i++) await network.peer('alice').send(envelope('x'.repeat(100)))
    await time.run()
    expect(network.stats).toMatchObject({ dropped: 8, delivered: 2, inFlight: 0 })
    await network.peer('alice').send(envelope('room again'))
    await time.run()
    expect(received['alice']).toHaveLength(3)
  })

  it('forgets what is older than the retention time and what exceeds the size', async () => {
    const made = await world(['alice'], { retentionMs: 100, maxStoredBytes: 1500 })
    for (let i = 0; i < 9; i++) await made.network.peer('alice').send(envelope('x'))
    expect(made.network.stats.stored).toBe(5)
    await made.time.advance(101)
    await made.network.peer('alice').send(envelope('new'))
    expect(made.network.stats.stored).toBe(1)
  })

  it('lets nobody change what others receive', async () => {
    const { network, time, received } = await world(['alice', 'bob'], { duplicate: 1 })
    network.peer('alice').messages$.subscribe(({ payload }) => payload.fill(0))
    const payload = new TextEncoder().encode('mine')
    await network.peer('alice').send(envelope('', { payload }))
    payload.fill(0)
    await time.run()
    expect(received['bob']).toEqual(['mine', 'mine'])
  })

  it('makes a closed peer anew under the same name, with nothing left over', async () => {
    const { network, time, received } = await world(['alice', 'bob'])
    const before = network.peer('bob')
    const id = await before.send(envelope('1'))
    before.close()
    await expect(before.send(envelope('2'))).rejects.toThrow('peer "bob" is closed')
    const after = network.peer('bob')
    expect(after).not.toBe(before)
    expect(await after.send(envelope('3'))).not.toBe(id)
    await time.run()
    expect(received).toEqual({ alice: ['1', '3'], bob: [] })
  })

  it('ends history and completes all streams when it is closed', async () => {
    const { network, time } = await world(['alice'])
    const ended: string[] = []
    network.traffic$.subscribe({ complete: () => ended.push('traffic') })
    network.peer('alice').messages$.subscribe({ complete: () => ended.push('messages') })
    const reading = texts(network.peer('alice').history({ contentTopic: topic, sinceMs: 0 }))
    await network.peer('alice').send(envelope('x'))
    network.close()
    await expect(reading).rejects.toMatchObject({ code: 'ERR_TRANSPORT_CLOSED' })
    expect(ended).toEqual(['messages', 'traffic'])
    expect(await time.run()).toBe(false)
    expect(network.stats.delivered).toBe(0)
  })

  it('shows the traffic to whoever listens', async () => {
    const { network, time } = await world(['alice', 'bob'], { latencyMs: 5 })
    const traffic: Partial<TrafficEvent>[] = []
    network.traffic$.subscribe(({ type, from, to, sizeBytes, atMs }) =>
      traffic.push({ type, from, sizeBytes, atMs, ...(to !== undefined && { to }) }),
    )
    network.peer('alice').disconnect()
    await network.peer('bob').send(envelope('abc'))
    await time.run()
    expect(traffic).toEqual([
      { type: 'sent', from: 'bob', sizeBytes: 3, atMs: 0 },
      { type: 'lost', from: 'bob', to: 'alice', sizeBytes: 3, atMs: 5 },
      { type: 'delivered', from: 'bob', to: 'bob', sizeBytes: 3, atMs: 5 },
    ])
  })

  it('runs on the VirtualTimeScheduler of RxJS', async () => {
    const scheduler = new VirtualTimeScheduler()
    const network = simulatedNetwork({ scheduler, latencyMs: 3_600_000 })
    const received: string[] = []
    const bob = network.peer('bob')
    bob.messages$.subscribe((message) => received.push(text(message)))
    await bob.subscribe(topic)
    await bob.send(envelope('an hour later'))
    scheduler.flush()
    expect(received).toEqual(['an hour later'])
    expect(scheduler.now()).toBe(7_200_000)
  })

  it.each([
    [{ loss: 1.5 }, '"loss" expected a number from 0 to 1, got 1.5'],
    [{ duplicate: Number.NaN }, '"duplicate" expected a number from 0 to 1, got NaN'],
    [{ latencyMs: -1 }, '"latencyMs" expected a number from 0, got -1'],
    [{ maxMessageBytes: 0 }, '"maxMessageBytes" expected an integer from 1, got 0'],
    [{ loss: '0.3' as never }, '"loss" expected a number from 0 to 1, got "0.3"'],
    [{ jitterMs: Infinity }, '"jitterMs" expected a number from 0, got Infinity'],
    [{ seed: 'x' as never }, '"seed" expected a number, got "x"'],
    [{ hangs: true } as never, 'got "hangs"'],
    [null as never, '"options" expected an object, got null'],
  ])('refuses %o', (options, message) => {
    expect(() => simulatedNetwork(options)).toThrow(message)
  })
})
