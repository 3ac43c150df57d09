import { expect, it } from 'vitest'
import { type SimulatedNetworkOptions, simulatedNetwork } from './simulated-network.ts'
import { virtualTime } from './virtual-time.ts'

const contentTopic = '/test/1/conditions/proto'

/** alice sends to bob, so many bytes at a time. */
async function world(options: SimulatedNetworkOptions = {}) {
  const time = virtualTime({ startMs: 0 })
  const network = simulatedNetwork({ scheduler: time, latencyMs: 10, ...options })
  const [alice, bob] = [network.peer('alice'), network.peer('bob')]
  /** When what came, ms. */
  const heard: { first: number; atMs: number }[] = []
  bob.messages$.subscribe(({ payload }) => heard.push({ first: payload[0]!, atMs: time.now() }))
  const errors: string[] = []
  alice.events$.subscribe((event) => {
    if (event.type === 'message-error') errors.push(event.error)
  })
  await bob.subscribe(contentTopic)
  let count = 0
  const send = async (bytes = 1): Promise<void> => {
    await alice.send({ contentTopic, payload: new Uint8Array(bytes).fill(count++ % 256), ephemeral: false })
  }
  const times = (): number[] => heard.map(({ atMs }) => atMs)
  return { time, network, alice, bob, heard, times, errors, send }
}

it('loses in bursts that last and come as long and as often as is said, however many messages meet them', async () => {
  for (const everyMs of [100, 500]) {
    const { time, heard, send } = await world({ burstLoss: 1, burstMs: 4_000, calmMs: 16_000 })
    const total = 20_000
    for (let i = 0; i < total; i++) {
      await send()
      await time.advance(everyMs)
    }
    const arrived = heard.map(({ atMs }) => Math.floor(atMs / everyMs))
    let bursts = 0
    for (let i = 1; i < arrived.length; i++) if (arrived[i]! - arrived[i - 1]! > 1) bursts++
    // A fifth of the time, in bursts of four seconds.
    const lost = total - arrived.length
    expect(lost / total).toBeCloseTo(0.2, 1)
    const meanMs = (lost / bursts) * everyMs
    expect(meanMs).toBeGreaterThan(3_400)
    expect(meanMs).toBeLessThan(5_200)
  }
})

it('changes no other decision by bursts, and another link has bursts of its own', async () => {
  const fates = async (burstLoss: number): Promise<number[]> => {
    const { time, heard, send } = await world({
      loss: 0.3,
      burstLoss,
      burstMs: 1_000,
      calmMs: 1_000,
      jitterMs: 5,
    })
    for (let i = 0; i < 200; i++) {
      await send()
      await time.advance(100)
    }
    return heard.map(({ atMs }) => atMs)
  }
  const without = await fates(0)
  const within = await fates(1)
  expect(within.length).toBeLessThan(without.length)
  expect(without).toEqual(expect.arrayContaining(within))
})

it('has delays of other shapes', async () => {
  const delays = async (jitterShape: 'even' | 'exponential' | 'long-tailed'): Promise<number[]> => {
    const { time, times, send } = await world({ latencyMs: 0, jitterMs: 100, jitterShape })
    const delay: number[] = []
    for (let i = 0; i < 4_000; i++) {
      const sentMs = time.now()
      await send()
      await time.advance(20_000)
      delay.push(times().at(-1)! - sentMs)
    }
    return delay.toSorted((a, b) => a - b)
  }
  const mean = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0) / all.length
  const even = await delays('even')
  expect([mean(even) > 45, mean(even) < 55, even.at(-1)! <= 100]).toEqual([true, true, true])
  const exponential = await delays('exponential')
  expect([mean(exponential) > 92, mean(exponential) < 108, exponential.at(-1)! > 600]).toEqual([
    true,
    true,
    true,
  ])
  const tailed = await delays('long-tailed')
  // The median of a Pareto distribution of shape 1.5, and its end.
  expect([tailed[2_000]! > 52, tailed[2_000]! < 66, tailed.at(-1)! > 3_000]).toEqual([true, true, true])
  expect(tailed.at(-1)).toBeLessThanOrEqual(10_000)
})

it('lets a line take its time, and refuses what does not wait in its queue', async () => {
  const { time, times, errors, send } = await world({ upBytesPerSecond: 1_000, queueBytes: 2_500 })
  for (let i = 0; i < 4; i++) await send(1_000)
  await time.advance(10_000)
  // The third would wait behind two thousand bytes.
  expect(times()).toEqual([1_010, 2_010])
  expect(errors).toEqual(['the line of the peer is full', 'the line of the peer is full'])
})

it('lets the line of a receiver be shared by all who send to it, and drops what does not wait there', async () => {
  const { time, network, times, send } = await world({ downBytesPerSecond: 1_000, queueBytes: 2_500 })
  const carol = network.peer('carol')
  await send(1_000)
  await carol.send({ contentTopic, payload: new Uint8Array(1_000), ephemeral: false })
  await send(1_000)
  await time.advance(10_000)
  expect(times()).toEqual([1_010, 2_010])
  expect(network.stats).toMatchObject({ dropped: 1, inFlight: 0, delivered: 2 })
})

it('lets a message pass that is larger than the queue, where the line is idle', async () => {
  const { time, times, send } = await world({ upBytesPerSecond: 1_000, queueBytes: 10 })
  await send(1_000)
  await time.advance(10_000)
  expect(times()).toEqual([1_010])
})

it('has other conditions in one direction between two peers', async () => {
  const { time, network, bob, times, send } = await world()
  const heardByAlice: number[] = []
  network.peer('alice').messages$.subscribe(() => heardByAlice.push(time.now()))
  await network.peer('alice').subscribe(contentTopic)
  network.link('alice', 'bob', { loss: 1 })
  await send()
  await bob.send({ contentTopic, payload: Uint8Array.of(9), ephemeral: false })
  await time.advance(100)
  // alice hears herself and bob, bob himself alone.
  expect([heardByAlice.length, times().length]).toEqual([2, 1])
  network.link('alice', 'bob', {})
  await send()
  await time.advance(100)
  expect(times()).toHaveLength(2)
  expect(() => network.link('alice', 'bob', { loss: 2 })).toThrow('"loss" expected')
})

it('refuses senders above their quota until the next epoch', async () => {
  const { time, network, times, errors, send } = await world({ messagesPerEpoch: 2, epochMs: 60_000 })
  for (let i = 0; i < 3; i++) await send()
  await network.peer('bob').send({ contentTopic, payload: Uint8Array.of(9), ephemeral: false })
  await time.advance(60_000)
  expect(errors).toEqual(['the sender is above its quota'])
  expect(network.stats).toMatchObject({ failed: 1, refused: 1 })
  await send()
  await time.advance(100)
  expect(times()).toHaveLength(4)
})

it('has a memory with gaps, which answers page by page', async () => {
  const { time, bob, send } = await world({ memoryLoss: 0.5, pageMessages: 10 })
  for (let i = 0; i < 100; i++) {
    await send()
    await time.advance(1_000)
  }
  const askedMs = time.now()
  const found: number[] = []
  let lastMs = askedMs
  const reading = (async () => {
    for await (const { payload } of bob.history({ contentTopic, sinceMs: 0 })) {
      found.push(payload[0]!)
      lastMs = time.now()
    }
  })()
  await time.advance(10_000)
  await reading
  expect(found.length).toBeGreaterThan(35)
  expect(found.length).toBeLessThan(65)
  expect(lastMs - askedMs).toBe(Math.ceil(found.length / 10) * 20)
})

it('can be split in one direction alone, in what is heard and what is remembered', async () => {
  const { time, network, alice, bob, times, send } = await world()
  network.partition([['alice'], ['bob']], { oneWay: true })
  const heardByAlice: number[] = []
  alice.messages$.subscribe(({ payload }) => heardByAlice.push(payload[0]!))
  await alice.subscribe(contentTopic)
  await send()
  await bob.send({ contentTopic, payload: Uint8Array.of(99), ephemeral: false })
  await time.advance(100)
  // Each hears himself.
  expect([times().length, heardByAlice]).toEqual([2, [0]])
  const remembered = async (peer: typeof alice): Promise<number> => {
    let count = 0
    const reading = (async () => {
      for await (const each of peer.history({ contentTopic, sinceMs: 0 })) count += each.payload.length
    })()
    await time.advance(100)
    await reading
    return count
  }
  expect([await remembered(alice), await remembered(bob)]).toEqual([1, 2])
})

it('can be apart and together in turns', async () => {
  const { time, network, times, send } = await world()
  network.partition([['alice'], ['bob']], { apartMs: 3_000, togetherMs: 1_000 })
  for (let i = 0; i < 8; i++) {
    await time.advance(500)
    await send()
    await time.advance(500)
  }
  expect(times()).toEqual([3_510, 7_510])
  network.heal()
  await send()
  await time.advance(500)
  expect(times()).toHaveLength(3)
})

it('refuses conditions that mean nothing', () => {
  for (const [options, name] of [
    [{ burstLoss: 1.1 }, 'burstLoss'],
    [{ burstMs: 0 }, 'burstMs'],
    [{ jitterShape: 'round' }, 'jitterShape'],
    [{ upBytesPerSecond: 0 }, 'upBytesPerSecond'],
    [{ queueBytes: 1.5 }, 'queueBytes'],
    [{ memoryLoss: -1 }, 'memoryLoss'],
    [{ messagesPerEpoch: 0 }, 'messagesPerEpoch'],
    [{ pageMessages: 0 }, 'pageMessages'],
  ] as const)
    expect(() => simulatedNetwork(options as SimulatedNetworkOptions)).toThrow(`"${name}" expected`)
  const network = simulatedNetwork()
  expect(() => network.partition([['a']], { apartMs: 0 })).toThrow('"apartMs" expected')
})
