import { xchacha } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { team, openFake } from '../../test/open-fake.ts'
import { decode, encode, setUp } from '../../test/restarting.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'
import { type ChannelOptions, type NodeOptions, type ReliableChannel, openChannel } from '../index.ts'

const EPOCH_MS = 10_000
const PER_EPOCH = 10
const SEGMENT_BYTES = 1_024
/** Of some hundred segments. */
const FILM = new Uint8Array(100 * 900).map((_, i) => i % 251)
const QUOTA = { epochMs: EPOCH_MS, messagesPerEpoch: PER_EPOCH }

/** What was received, the film by its name, and when, ms after the beginning. */
interface Received {
  readonly what: string
  readonly atMs: number
}

/** Members of a channel on a seeded network, in virtual time; alice has a quota. */
async function members(
  seed: number,
  names: readonly string[],
  options: Partial<ChannelOptions & NodeOptions> = {},
) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed, scheduler, latencyMs: 50, jitterMs: 20 })
  const start = scheduler.now()
  const channels = new Map<string, ReliableChannel>()
  const received = new Map<string, Received[]>()
  for (const senderId of names) {
    const channel = await openChannel({
      ...team,
      senderId,
      transport: network.peer(senderId),
      scheduler,
      randomBytes: seededBytes(seed, senderId),
      segmentSizeBytes: SEGMENT_BYTES,
      ...options,
      ...(senderId === 'alice' && { rateLimit: options.rateLimit ?? QUOTA }),
    })
    const list: Received[] = []
    channels.set(senderId, channel)
    received.set(senderId, list)
    channel.incoming$.subscribe(({ payload }) => {
      const what = payload.length === FILM.length ? 'film' : decode(payload)
      list.push({ what, atMs: scheduler.now() - start })
    })
  }
  return {
    scheduler,
    network,
    of: (name: string) => channels.get(name)!,
    received: (name: string) => received.get(name)!,
    whats: (name: string) => received.get(name)!.map(({ what }) => what),
    pass: (ms: number) => scheduler.run({ maxMs: ms }),
    close: () => Promise.all([...channels.values()].map((channel) => channel.close())),
  }
}

describe('a text during a film in the same channel', () => {
  // F16
  it.each([
    ['plain', {}],
    ['sealed', { cipher: xchacha({ key: new Uint8Array(32) }) }],
    ['with sealed contents', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' as const }],
    ['with parity', { parityRate: 0.1 }],
  ])(
    'leaves in the next slot and is there long before the film, if it is more urgent (%s)',
    async (_, options) => {
      const { of, received, whats, pass, scheduler, close } = await members(
        1,
        ['alice', 'bob', 'carol'],
        options,
      )
      let contents = 0
      let before = Infinity
      const film = of('alice').send(FILM)
      await pass(2 * EPOCH_MS + 1_000)
      of('alice').outgoing$.subscribe(({ kind }) => kind === 'content' && contents++)
      const sentAt = scheduler.now()
      const text = of('alice').send(encode('hi'), { priority: 'critical' })
      text.status$.subscribe(({ segments: { released, total } }) => {
        if (released === total && before === Infinity) before = contents
      })
      await pass(EPOCH_MS)
      // Each eighth release is of a lower class.
      expect(before).toBeLessThan(3)
      for (const name of ['bob', 'carol']) expect(whats(name)).toEqual(['hi'])
      expect(scheduler.now() - sentAt).toBeLessThanOrEqual(EPOCH_MS)
      expect(text.status.state).toBe('delivered')
      await pass(20 * EPOCH_MS)
      expect(film.status.state).toBe('delivered')
      for (const name of ['bob', 'carol']) {
        expect(whats(name)).toEqual(['hi', 'film'])
        const [hi, whole] = received(name)
        expect(whole!.atMs - hi!.atMs).toBeGreaterThan(5 * EPOCH_MS)
      }
      of('alice').send(encode('end'))
      await pass(2 * EPOCH_MS)
      expect(whats('bob')).toEqual(['hi', 'film', 'end'])
      await close()
    },
  )

  // F16
  it('comes after the film, if it is as urgent', async () => {
    const { of, whats, pass, close } = await members(1, ['alice', 'bob'])
    of('alice').send(FILM)
    of('alice').send(encode('hi'))
    await pass(20 * EPOCH_MS)
    expect(whats('bob')).toEqual(['film', 'hi'])
    await close()
  })

  // F16
  it.each([0, 0.2])(
    'waits for no more than what is sent again where a member has missed some of the film before it (parity %d)',
    async (parityRate) => {
      const { of, received, network, pass, close } = await members(2, ['alice', 'bob', 'carol'], {
        parityRate,
      })
      network.partition([['carol']])
      of('alice').send(FILM)
      await pass(EPOCH_MS / 2)
      network.heal()
      of('alice').send(encode('hi'), { priority: 'critical' })
      await pass(4 * EPOCH_MS)
      expect(received('bob').map(({ what }) => what)).toEqual(['hi'])
      expect(received('carol').map(({ what }) => what)).toEqual(['hi'])
      await pass(20 * EPOCH_MS)
      expect(received('carol').map(({ what }) => what)).toEqual(['hi', 'film'])
      await close()
    },
  )

  // F16
  it('leaves before what waits for a network that takes a few at a time, without any rate limit', async () => {
    const { channel, transport, pass } = await openFake({ segmentSizeBytes: SEGMENT_BYTES })
    const taken: (() => void)[] = []
    transport.onSend = (_, id) => new Promise((resolve) => taken.push(() => resolve(id)))
    const kinds: string[] = []
    channel.outgoing$.subscribe(({ messageId, kind }) => kind === 'content' && kinds.push(messageId))
    channel.send(FILM)
    await pass()
    expect(taken).toHaveLength(8)
    const text = channel.send(encode('hi'), { priority: 'critical' })
    await pass()
    expect(taken).toHaveLength(8)
    taken[0]!()
    await pass()
    expect(kinds).toHaveLength(9)
    expect(kinds[8]).toBe(text.messageId)
    await channel.close()
  })

  // F16
  it.each([
    ['plain', {}],
    ['with sealed contents', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' as const }],
  ])('does not wait until the film is cut, and nothing less urgent passes that (%s)', async (_, options) => {
    const { channel, transport, pass } = await openFake(options)
    const names: string[] = []
    const idOf = new Map<string, string>()
    channel.outgoing$.subscribe(({ messageId, kind }) => kind === 'content' && names.push(messageId))
    const send = (name: string, bytes: number, priority: 'critical' | 'normal' | 'optional'): void => {
      const handle = channel.send(new Uint8Array(bytes).fill(1), { priority })
      void handle.wrapped().then((messageId) => idOf.set(messageId, name))
    }
    transport.onSend = (_, id) => id
    send('film', 3_000_000, 'normal')
    send('later', 10, 'optional')
    send('next', 10, 'normal')
    send('hi', 10, 'critical')
    await pass(1_000)
    const left = names.map((messageId) => idOf.get(messageId) ?? 'film')
    expect(left).toHaveLength(33)
    expect(left.indexOf('hi')).toBe(0)
    expect(left.slice(-2)).toEqual(['next', 'later'])
    await channel.close()
  })

  // F16
  it('keeps its place when the process ends before either has left', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    const bob = await open('bob', memoryStore(), { segmentSizeBytes: SEGMENT_BYTES })
    const options = { segmentSizeBytes: SEGMENT_BYTES, rateLimit: QUOTA }
    let alice = await open('alice', disk, options)
    const film = alice.channel.send(FILM)
    await film.accepted()
    await pass(1_000)
    const text = alice.channel.send(encode('hi'), { priority: 'critical' })
    await text.accepted()
    alice.kill()
    await pass(30_000)
    alice = await open('alice', disk, options)
    await pass(EPOCH_MS + 2_000)
    expect(bob.received).toEqual(['hi'])
    const more = alice.channel.send(encode('there'), { priority: 'critical' })
    await pass(EPOCH_MS + 2_000)
    expect(bob.received).toEqual(['hi', 'there'])
    expect(more.status.state).toBe('delivered')
    await pass(20 * EPOCH_MS)
    expect(bob.received.map((what) => what.length)).toEqual([2, 5, FILM.length])
    expect(alice.events.filter(({ type }) => type === 'reliable:message:delivered')).toHaveLength(3)
    await Promise.all([alice.channel.close(), bob.channel.close()])
  })
})

describe('a message with order none', () => {
  // F16
  it('holds up nobody: who misses some of a film gets what is said meanwhile at once', async () => {
    const { of, whats, pass, network, close } = await members(3, ['alice', 'bob', 'carol'])
    network.partition([['carol']])
    const film = of('alice').send(FILM, { order: 'none', priority: 'optional' })
    await pass(EPOCH_MS / 2)
    network.heal()
    const text = of('alice').send(encode('hi'))
    await pass(EPOCH_MS)
    expect(whats('bob')).toEqual(['hi'])
    expect(whats('carol')).toEqual(['hi'])
    expect(text.status.state).toBe('delivered')
    await pass(30 * EPOCH_MS)
    expect(film.status.state).toBe('delivered')
    expect(whats('bob')).toEqual(['hi', 'film'])
    expect(whats('carol')).toEqual(['hi', 'film'])
    await close()
  })

  // F16
  it.each([
    [1, 0],
    [2, 0.2],
    [3, 0],
  ])(
    'comes whole to everybody through loss, and is told as delivered (seed %i, parity %d)',
    async (seed, parityRate) => {
      const options = { parityRate, rateLimit: { enabled: false } }
      const { of, whats, pass, network, close } = await members(seed, ['alice', 'bob', 'carol'], options)
      network.change({ loss: 0.3 })
      const film = of('alice').send(FILM, { order: 'none' })
      const texts = ['a', 'b', 'c'].map((text) => of('alice').send(encode(text)))
      const reading = of('bob').send(encode('21 °C'), { order: 'none' })
      await pass(600_000)
      for (const handle of [film, ...texts, reading]) expect(handle.status.state).toBe('delivered')
      for (const name of ['bob', 'carol'])
        expect(whats(name).filter((what) => what !== 'film' && what !== '21 °C')).toEqual(['a', 'b', 'c'])
      expect(whats('bob').filter((what) => what === 'film')).toHaveLength(1)
      expect(whats('carol').filter((what) => what === 'film' || what === '21 °C')).toHaveLength(2)
      expect(whats('alice')).toEqual(['21 °C'])
      await close()
    },
  )

  // F16
  it('goes on after a restart, and what is sent then does not wait for it', async () => {
    const { open, pass, network } = setUp()
    const disk = memoryStore()
    const options = { segmentSizeBytes: SEGMENT_BYTES, rateLimit: QUOTA }
    const bob = await open('bob', memoryStore(), { segmentSizeBytes: SEGMENT_BYTES })
    let alice = await open('alice', disk, options)
    const film = alice.channel.send(FILM, { order: 'none', priority: 'optional' })
    await film.accepted()
    await pass(EPOCH_MS)
    alice.kill()
    alice = await open('alice', disk, options)
    network.partition([['alice'], ['bob']])
    await pass(EPOCH_MS)
    network.heal()
    alice.channel.send(encode('hi'), { priority: 'critical' })
    await pass(EPOCH_MS + 2_000)
    expect(bob.received).toEqual(['hi'])
    await pass(40 * EPOCH_MS)
    expect(bob.received.map((what) => what.length)).toEqual([2, FILM.length])
    expect(alice.events.filter(({ type }) => type === 'reliable:message:delivered')).toHaveLength(2)
    await Promise.all([alice.channel.close(), bob.channel.close()])
  })

  it('is a choice of two words', async () => {
    const { channel } = await openFake()
    expect(() => channel.send(encode('x'), { order: 'fifo' as never })).toThrow('order')
    await channel.close()
  })
})
