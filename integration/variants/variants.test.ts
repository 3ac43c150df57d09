import {
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  openChannel,
} from '@reliable-channels/channel'
import {
  type SimulatedClock,
  type SimulatedNetwork,
  type SimulatedPeer,
  type VirtualTime,
  faultyStore,
  seededRandom,
  simulatedClock,
  simulatedNetwork,
  storeFaults,
  virtualTime,
} from '@reliable-channels/simulator'
import { type Store, memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const team = { channelId: 'team', contentTopic: '/app/1/team/proto' }
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Member {
  readonly channel: ReliableChannel
  readonly peer: SimulatedPeer
  readonly received: Uint8Array[]
  readonly texts: () => string[]
  readonly codes: string[]
}

/** A network in virtual time, whose members have the default options but for what is given. */
function world() {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 7, scheduler })
  const random = seededRandom(7)
  const randomBytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => Math.floor(random() * 256))
  let peers = 0
  return {
    scheduler,
    network,
    pass: (ms: number) => scheduler.advance(ms),
    async open(senderId: string, options: Partial<ChannelOptions & NodeOptions> = {}): Promise<Member> {
      const peer = network.peer(`${senderId} ${peers++}`)
      const channel = await openChannel({
        ...team,
        senderId,
        transport: peer,
        scheduler,
        randomBytes,
        ...options,
      })
      const received: Uint8Array[] = []
      const codes: string[] = []
      channel.incoming$.subscribe(({ payload }) => received.push(payload))
      channel.events$.subscribe((event) => event.type === 'diagnostic' && codes.push(event.code))
      const texts = (): string[] => received.map((payload) => new TextDecoder().decode(payload))
      return { channel, peer, received, texts, codes }
    },
  }
}

/** Nothing can be fetched from the network's memory. */
function alone(member: Member): Member {
  Object.defineProperties(member.peer, { fetch: { value: undefined }, history: { value: undefined } })
  return member
}

const film = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * i) >> 3)

describe('three members, of whom one keeps a message', () => {
  it.each([0, 0.5])('give it to the third when its author has left, parity %d', async (parityRate) => {
    // F1 F10 F21
    const { open, pass, network } = world()
    const [alice, bob, carol] = [await open('alice', { parityRate }), await open('bob'), await open('carol')]
    ;[alice, bob, carol].forEach(alone)
    for (const { channel } of [alice, bob, carol]) channel.send(encode('hello'))
    await pass(10 * SECOND)
    network.partition([[alice.peer.name, carol.peer.name], [bob.peer.name]])
    const handle = alice.channel.send(film)
    await pass(20 * SECOND)
    expect(handle.status).toMatchObject({ state: 'delivered', deliveredTo: ['carol'] })
    await alice.channel.close()
    alice.peer.close()
    network.heal()
    carol.channel.send(encode('did you see it?'))
    await pass(5 * MINUTE)
    expect(bob.received.map(({ length }) => length)).toEqual([5, 5, film.length, 15])
    expect(bob.received[2]).toEqual(film)
    await Promise.all([bob, carol].map(({ channel }) => channel.close()))
  })
})

describe('three members, of whom one keeps a message and is restarted', () => {
  it.each([0, 0.5])(
    'give it to the third, who was closed meanwhile, when its author has left, parity %d',
    async (parityRate) => {
      // F1 F10 X16
      const { open, pass } = world()
      const [ofBob, ofCarol] = [memoryStore(), memoryStore()]
      const alice = alone(await open('alice', { parityRate }))
      const bob = alone(await open('bob', { store: ofBob }))
      let carol = alone(await open('carol', { store: ofCarol }))
      for (const { channel } of [alice, bob, carol]) channel.send(encode('hello'))
      await pass(10 * SECOND)
      await bob.channel.close()
      bob.peer.close()
      const handle = alice.channel.send(film)
      await pass(20 * SECOND)
      expect(handle.status).toMatchObject({ state: 'delivered', deliveredTo: ['carol'] })
      await alice.channel.close()
      alice.peer.close()
      await carol.channel.close()
      carol.peer.close()
      carol = alone(await open('carol', { store: ofCarol }))
      const back = alone(await open('bob', { store: ofBob }))
      carol.channel.send(encode('did you see it?'))
      await pass(5 * MINUTE)
      expect(back.received).toEqual([film, encode('did you see it?')])
      expect(carol.received).toEqual([])
      await Promise.all([back, carol].map(({ channel }) => channel.close()))
    },
  )
})

describe('a store that swallows what is written for some minutes', () => {
  it.each([3, 30])(
    'has everything once it answers again, after %d minutes, or on closing',
    async (minutes) => {
      // F3
      for (const untilMs of [5 * MINUTE + SECOND, 0]) {
        const { open, pass, scheduler } = world()
        const [faults, inner] = [storeFaults(), memoryStore()]
        const store = faultyStore(inner, { faults, scheduler })
        const alice = await open('alice', { store })
        const bob = await open('bob')
        faults.change({ kind: 'hangs', what: 'writes' })
        const handle = alice.channel.send(encode('meanwhile'))
        bob.channel.send(encode('here, too'))
        await pass(minutes * MINUTE)
        expect([handle.status.state, bob.texts(), alice.texts()]).toEqual([
          'delivered',
          ['meanwhile'],
          ['here, too'],
        ])
        let accepted = false
        handle.accepted().then(
          () => (accepted = true),
          () => {},
        )
        // What hung is never answered.
        faults.change({ kind: 'well' })
        await pass(untilMs)
        expect([accepted, alice.codes.includes('store-recovered')]).toEqual([untilMs > 0, untilMs > 0])
        await Promise.all([alice.channel.close(), pass(10 * SECOND)])
        const told: string[] = []
        const again = await open('alice', { store: inner })
        again.channel.events$.subscribe(({ type }) => told.push(type))
        await pass(MINUTE)
        // It was delivered and received, and nobody is told so twice.
        expect([again.texts(), bob.texts(), told.filter((type) => type.startsWith('reliable'))]).toEqual([
          [],
          ['meanwhile'],
          [],
        ])
        await Promise.all([again, bob].map(({ channel }) => channel.close()))
      }
    },
  )
})

describe('a store that answers no reads any more, and takes every write', () => {
  it('stops nothing, and is told when the channel is opened again, until it answers', async () => {
    // F3 F19
    const { open, pass } = world()
    const inner = memoryStore()
    let hangs = false
    const store: Store = {
      get: (key) => (hangs ? new Promise(() => {}) : inner.get(key)),
      entries: (prefix) =>
        hangs
          ? { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
          : inner.entries(prefix),
      write: (changes) => inner.write(changes),
      close: () => inner.close(),
    }
    const [alice, bob] = [await open('alice', { store }), await open('bob')]
    hangs = true
    // Enough that entries come and go by the thousand.
    for (let i = 0; i < 600; i++) alice.channel.send(encode(`${i}`))
    let accepted = false
    void alice.channel
      .send(encode('last'))
      .accepted()
      .then(() => (accepted = true))
    await pass(2 * MINUTE)
    expect([accepted, bob.received.length]).toEqual([true, 601])
    await alice.channel.close()
    const opening = open('alice', { store }).then(
      () => 'opened',
      (error: { code: string }) => error.code,
    )
    await pass(30 * SECOND)
    expect(await opening).toBe('ERR_STORE_LOAD')
    hangs = false
    const again = await open('alice', { store })
    bob.channel.send(encode('welcome back'))
    await pass(10 * SECOND)
    expect(again.texts()).toEqual(['welcome back'])
    await Promise.all([again, bob].map(({ channel }) => channel.close()))
  })
})

// As far as the network lets them be.
describe('clocks that are off on both sides', () => {
  it.each([
    [-15 * SECOND, 15 * SECOND],
    [15 * SECOND, -15 * SECOND],
    [-19 * SECOND, 19 * SECOND],
    [19 * SECOND, -19 * SECOND],
    // And further, where the others tell.
    [0, HOUR],
    [15 * SECOND, HOUR - MINUTE],
    [0, -HOUR],
  ])('lose nothing that was said meanwhile, %d ms and %d ms', async (ofAlice, ofBob) => {
    // F13
    const { open, pass, scheduler } = world()
    const clock = (offsetMs: number): SimulatedClock => simulatedClock(scheduler, { offsetMs })
    const disk = memoryStore()
    const alice = await open('alice', { scheduler: clock(ofAlice) })
    const bob = await open('bob', { store: disk, scheduler: clock(ofBob) })
    alice.channel.send(encode('one'))
    bob.channel.send(encode('two'))
    await pass(10 * SECOND)
    await bob.channel.close()
    for (const text of ['three', 'four']) {
      alice.channel.send(encode(text))
      await pass(SECOND)
    }
    // She leaves; what she said is in the network's memory alone.
    await alice.channel.close()
    alice.peer.close()
    await pass(MINUTE)
    const again = await open('bob', { store: disk, scheduler: clock(ofBob) })
    await pass(30 * SECOND)
    expect([...bob.texts(), ...again.texts()]).toEqual(['one', 'three', 'four'])
    expect(alice.texts()).toEqual(['two'])
    await again.channel.close()
  })
})

describe('two accounts that alternate', () => {
  it('on one store: whose it is not is refused each time, and the other goes on where he was', async () => {
    // F4
    const { open, pass } = world()
    const store = memoryStore()
    const carol = await open('carol')
    for (let turn = 0; turn < 3; turn++) {
      const alice = await open('alice', { store })
      alice.peer.disconnect()
      await Promise.all([alice.channel.send(encode(`unsent ${turn}`)).accepted(), pass(100)])
      expect(alice.channel.requests).toHaveLength(turn + 1)
      await alice.channel.close()
      await expect(open('bob', { store })).rejects.toMatchObject({ code: 'ERR_STORE_OWNER' })
    }
    expect(carol.received).toEqual([])
    const alice = await open('alice', { store })
    await pass(30 * SECOND)
    expect(carol.texts()).toEqual(['unsent 0', 'unsent 1', 'unsent 2'])
    await Promise.all([alice, carol].map(({ channel }) => channel.close()))
  })

  it('on stores of their own: each finds what is his, and nothing of the other', async () => {
    // F4
    const { open, pass } = world()
    const stores = { alice: memoryStore(), bob: memoryStore() }
    const carol = await open('carol')
    const heard = { alice: [] as string[], bob: [] as string[] }
    for (let turn = 0; turn < 4; turn++) {
      const name = turn % 2 === 0 ? 'alice' : 'bob'
      const member = await open(name, { store: stores[name] })
      member.channel.send(encode(`${name} ${turn}`))
      carol.channel.send(encode(`to ${name}, ${turn}`))
      await pass(20 * SECOND)
      heard[name].push(...member.texts())
      await member.channel.close()
      member.peer.close()
    }
    expect(carol.texts()).toEqual(['alice 0', 'bob 1', 'alice 2', 'bob 3'])
    // Also what was said while the other was there.
    expect(heard.alice).toEqual(expect.arrayContaining(['to alice, 0', 'to bob, 1', 'bob 1', 'to alice, 2']))
    expect(new Set(heard.alice).size).toBe(heard.alice.length)
    expect(heard.bob.filter((text) => text.startsWith('bob'))).toEqual([])
    await carol.channel.close()
  })
})

describe('one person on two devices with one name', () => {
  it.each([
    ['deliver', ['from the phone']],
    ['history', []],
  ] as const)('has what the other said, with ownMessages: %s', async (ownMessages, texts) => {
    // N10
    const { open, pass } = world()
    const phone = await open('alice', { sds: { ownMessages } })
    const desk = await open('alice', { sds: { ownMessages } })
    const bob = await open('bob')
    phone.channel.send(encode('from the phone'))
    await pass(5 * SECOND)
    expect(desk.texts()).toEqual(texts)
    desk.channel.send(encode('from the desk'))
    bob.channel.send(encode('from bob'))
    await pass(30 * SECOND)
    expect(bob.texts()).toEqual(['from the phone', 'from the desk'])
    expect(phone.texts().toSorted()).toEqual(
      ownMessages === 'deliver' ? ['from bob', 'from the desk'] : ['from bob'],
    )
    await Promise.all([phone, desk, bob].map(({ channel }) => channel.close()))
  })
})

/** Opens the team's channel for members of a network in virtual time. */
function opener(
  network: SimulatedNetwork,
  scheduler: VirtualTime,
  seed: number,
  options: Partial<ChannelOptions> = {},
): (senderId: string) => Promise<ReliableChannel> {
  const random = seededRandom(seed)
  const randomBytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256))
  return (senderId) =>
    openChannel({ ...team, senderId, transport: network.peer(senderId), scheduler, randomBytes, ...options })
}

describe('what is shown and proved', () => {
  it('is so with default options: a file of 30 segments is with two members in seconds, through 30 % loss', async () => {
    // N1
    for (let seed = 1; seed <= 8; seed++) {
      const scheduler = virtualTime()
      const network = simulatedNetwork({ seed, loss: 0.3, latencyMs: 20, scheduler })
      // As `demo --segment-size` sets it.
      const open = opener(network, scheduler, seed, { segmentSizeBytes: 10_000 })
      const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
      const file = Uint8Array.from({ length: 290_000 }, (_, i) => (i * i) >> 4)
      const received: Uint8Array[] = []
      for (const { incoming$ } of [bob, carol]) incoming$.subscribe(({ payload }) => received.push(payload))
      const handle = alice.send(file)
      const isDone = (): boolean => received.length === 2 && handle.status.state === 'delivered'
      expect(await scheduler.run({ until: isDone, maxMs: 15_000 }), `seed ${seed}`).toBe(true)
      expect(received, `seed ${seed}`).toEqual([file, file])
      await Promise.all([alice, bob, carol].map((channel) => channel.close()))
    }
  })
})

describe('a message of 8 MB to a group of three', () => {
  it.each([1, 2, 3])(
    'is with both others in seconds, through 2 %% loss, without parity (seed %d)',
    async (seed) => {
      // N2 N8
      const scheduler = virtualTime()
      const network = simulatedNetwork({ seed, loss: 0.02, latencyMs: 50, scheduler })
      const open = opener(network, scheduler, seed)
      const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
      const got: { readonly by: string; readonly length: number }[] = []
      /** Names that the message had while it came, and when it was whole. */
      const names = new Set<string>()
      for (const { senderId: by, incoming$, events$ } of [bob, carol]) {
        events$.subscribe((event) => {
          if (event.type === 'reliable:message:progress') names.add(event.payloadHash)
        })
        incoming$.subscribe(({ payload: { length }, messageId }) => {
          got.push({ by, length })
          names.add(messageId)
        })
      }
      const handle = alice.send(Uint8Array.from({ length: 8_000_000 }, (_, i) => (i * i) >> 4))
      await scheduler.run({ until: () => got.length === 2, maxMs: 10_000 })
      expect(got.toSorted((a, b) => a.by.localeCompare(b.by))).toEqual([
        { by: 'bob', length: 8_000_000 },
        { by: 'carol', length: 8_000_000 },
      ])
      expect([...names]).toEqual([handle.messageId])
      await scheduler.run({ until: () => handle.status.state === 'delivered', maxMs: 10_000 })
      expect(handle.status.state).toBe('delivered')
      await Promise.all([alice, bob, carol].map((channel) => channel.close()))
    },
  )
})
