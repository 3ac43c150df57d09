import { type Cipher, xchacha } from '@reliable-channels/encryption'
import { type SimulatedPeer, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { equalBytes } from '@reliable-channels/wire'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { type ChannelEvent, type ChannelOptions, type ReliableChannel, openChannel } from '../index.ts'
import { team } from '../../test/open-fake.ts'
import { setUp } from '../../test/restarting.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

const SEGMENTS = 11
const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Channels with default options on one network, and what each is told. */
function world(options: Partial<ChannelOptions> = {}, conditions: { retentionMs?: number } = {}) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 7, ...conditions, scheduler })
  const channels: ReliableChannel[] = []
  return {
    scheduler,
    network,
    async open(senderId: string) {
      const peer = network.peer(senderId)
      const randomBytes = seededBytes(7, senderId)
      const channel = await openChannel({
        ...team,
        senderId,
        transport: peer,
        scheduler,
        randomBytes,
        ...options,
      })
      channels.push(channel)
      const events: ChannelEvent[] = []
      const received: Uint8Array[] = []
      channel.events$.subscribe((event) => events.push(event))
      channel.incoming$.subscribe(({ payload }) => received.push(payload))
      const told = (type: ChannelEvent['type']): ChannelEvent[] =>
        events.filter((event) => event.type === type)
      const codes = (): string[] =>
        events.flatMap((event) => (event.type === 'diagnostic' ? [event.code] : []))
      return { channel, peer, events, received, told, codes }
    },
    pass: (maxMs: number) => scheduler.run({ maxMs }),
    close: () => Promise.all(channels.map((channel) => channel.close())),
  }
}

/** Cuts a peer off once so many of its messages have left, for each number in turn; returns what brings it back. */
function cutOffAfter(peer: SimulatedPeer, counts: readonly number[]): () => void {
  const send = peer.send.bind(peer)
  const left = [...counts]
  let [sent, online] = [0, true]
  Object.defineProperty(peer, 'send', {
    value: (...given: Parameters<typeof send>) => {
      const outcome = send(...given)
      if (online && ++sent === left[0]) {
        left.shift()
        online = false
        peer.disconnect()
      }
      return outcome
    },
  })
  return () => {
    ;[sent, online] = [0, true]
    peer.connect()
  }
}

const bytes = (length: number, of: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * of) >>> 3)

/** Sends a message of eleven segments; its sender is cut off after four of them, and perhaps again after three more. */
async function paused(options: Partial<ChannelOptions>, pausesMs: readonly number[]) {
  const { open, pass, close } = world(options)
  const [alice, bob] = [await open('alice'), await open('bob')]
  const payload = bytes(102_000 * SEGMENTS - 5_000, 7)
  const reconnect = cutOffAfter(alice.peer, [4, 3].slice(0, pausesMs.length))
  alice.channel.send(payload)
  for (const pauseMs of pausesMs) {
    await pass(pauseMs)
    expect([bob.received.length, alice.told('reliable:message:delivered').length]).toEqual([0, 0])
    reconnect()
  }
  await pass(5 * MINUTE)
  await close()
  return { alice, bob, payload }
}

describe('what SDS has acknowledged', () => {
  it('F1: becomes whole though its sender is offline in the middle, for 90 s and again for 6 minutes', async () => {
    const { alice, bob, payload } = await paused({}, [90 * SECOND, 6 * MINUTE])
    expect(bob.received.map((each) => equalBytes(each, payload))).toEqual([true])
    // A segment that SDS asks for is awaited.
    expect(bob.codes()).not.toContain('segment-shelved')
    const outcomes = alice.events.filter(({ type }) => /deliver/.test(type))
    // F2: while nothing leaves there is no verdict.
    expect(outcomes).toMatchObject([{ type: 'reliable:message:delivered', deliveredTo: ['bob'] }])
    expect([bob.told('reliable:message:lost'), bob.channel.drops['segment-expired']]).toEqual([[], 0])
  })

  it('F1: becomes whole though its sender is offline for an hour', async () => {
    const { bob, payload } = await paused({}, [60 * MINUTE])
    expect(bob.received.map((each) => equalBytes(each, payload))).toEqual([true])
  })

  it('F1: is opened once more where SDS holds sealed contents', async () => {
    const cipher = xchacha({ key: new Uint8Array(32).fill(1) })
    const { bob, payload } = await paused({ cipher, placement: 'content' }, [6 * MINUTE, 90 * SECOND])
    expect(bob.codes()).toContain('segment-shelved')
    expect(bob.received.map((each) => equalBytes(each, payload))).toEqual([true])
  })

  it('F10: is asked for again once the history has forgotten it', async () => {
    const { bob, payload } = await paused({ sds: { maxHistoryBytes: 800_000 } }, [6 * MINUTE])
    expect(bob.codes()).toContain('segment-shelved')
    expect(bob.received.map((each) => equalBytes(each, payload))).toEqual([true])
    expect(bob.told('reliable:message:lost')).toEqual([])
  })

  it('F10: is told as lost on both sides, with its sender and size, where it cannot be taken back', async () => {
    // Of what the history forgets, nothing may be held beside it.
    const { open, pass, close } = world({
      sds: { maxHistoryBytes: 800_000 },
      reassembly: {
        maxRecalledBytes: 2_000_000,
        maxBufferedBytes: 600_000,
        maxBufferedBytesPerSender: 600_000,
      },
    })
    const [alice, bob] = [await open('alice'), await open('bob')]
    const payload = bytes(102_000 * SEGMENTS - 5_000, 7)
    const request = alice.channel.send(payload)
    await pass(30 * MINUTE)
    expect(bob.received).toEqual([])
    expect(bob.told('reliable:message:lost')[0]).toMatchObject({
      senderId: 'alice',
      bytes: payload.length,
      needed: SEGMENTS,
      reason: 'forgotten',
    })
    expect(request.status.deliveredTo).toEqual([])
    await close()
  })

  it('F10: two transfers of 20 MB at once do not push each other out, and what is told delivered is', async () => {
    const { open, pass, close } = world()
    const [alice, carol, bob] = [await open('alice'), await open('carol'), await open('bob')]
    const film = bytes(20_000_000, 3)
    const album = bytes(20_000_000, 5)
    const members = [alice, bob, carol]
    const untrue: string[] = []
    const toldOf: string[] = []
    for (const { channel } of [alice, carol])
      channel.events$.subscribe((event) => {
        if (event.type !== 'reliable:message:delivered') return
        toldOf.push(channel.senderId)
        for (const { channel: of, events } of members) {
          if (!event.deliveredTo.includes(of.senderId)) continue
          const hasIt = events.some(
            (each) => each.type === 'reliable:message:received' && each.senderId === channel.senderId,
          )
          if (!hasIt) untrue.push(`${of.senderId} has not got what ${channel.senderId} sent`)
        }
      })
    alice.channel.send(film)
    carol.channel.send(album)
    await pass(MINUTE)
    expect(bob.codes()).toContain('segment-shelved')
    expect(toldOf.toSorted()).toEqual(['alice', 'carol'])
    expect([untrue, bob.told('reliable:message:lost')]).toEqual([[], []])
    expect(bob.received.map(({ length }) => length)).toEqual([film.length, album.length])
    await close()
  })
})

describe('a text after a film that was put aside', () => {
  const FILM_BYTES = 1_000_000
  const sealed = xchacha({ key: new Uint8Array(32).fill(1) })
  /** A cipher whose answers come later, as those of browsers. */
  const slow: Cipher = {
    ...sealed,
    seal: async (...given) => await sealed.seal(...given),
    open: async (...given) => await sealed.open(...given),
  }
  /** The film is too long to be held. */
  const narrow = { maxBufferedBytes: 400_000, maxBufferedBytesPerSender: 400_000 }

  it.each([
    ['of whole messages', sealed, 'envelope'],
    ['of whole messages, which takes its time', slow, 'envelope'],
    ['of contents', sealed, 'content'],
    ['of contents, which takes its time', slow, 'content'],
  ] as const)('comes after it, with a cipher %s', async (_, cipher, placement) => {
    const { open, pass, close } = world({ cipher, placement, reassembly: narrow })
    const [alice, bob] = [await open('alice'), await open('bob')]
    alice.channel.send(bytes(FILM_BYTES, 7))
    alice.channel.send(bytes(10, 7))
    await pass(MINUTE)
    expect(bob.codes()).toContain('segment-shelved')
    expect(bob.received.map(({ length }) => length)).toEqual([FILM_BYTES, 10])
    await close()
  })

  it('comes after it though the process ends while the film is opened once more', async () => {
    const { open, pass } = setUp({ seed: 7 })
    const medium = new Map<string, Uint8Array>()
    const received: [number, boolean][] = []
    let [opened, isStuck] = [0, true]
    // Each content is opened before SDS counts it, and after; those out of the history are never opened.
    const contents = 2 * (Math.ceil(FILM_BYTES / 102_272) + 1)
    const stuck: Cipher = {
      ...sealed,
      open: async (...given) =>
        isStuck && ++opened > contents ? await new Promise<never>(() => {}) : await sealed.open(...given),
    }
    const alice = await open('alice', memoryStore(), { cipher: slow, placement: 'content' })
    const bobs = {
      placement: 'content',
      reassembly: narrow,
      handler: ({ payload, late }: { payload: Uint8Array; late: boolean }) =>
        received.push([payload.length, late]),
    } as const
    const bob = await open('bob', memoryStore(medium), { cipher: stuck, ...bobs })
    alice.channel.send(bytes(FILM_BYTES, 7))
    alice.channel.send(bytes(10, 7))
    await pass(SECOND)
    expect([opened > contents, received]).toEqual([true, []])
    bob.kill()
    isStuck = false
    await pass(SECOND)
    const again = await open('bob', memoryStore(medium), { cipher: slow, ...bobs })
    await pass(MINUTE)
    expect(received).toEqual([
      [FILM_BYTES, false],
      [10, false],
    ])
    await Promise.all([alice, again].map(({ channel }) => channel.close()))
  })

  it('F10: comes before it where the history has forgotten some of the film, which is late then', async () => {
    const { open, pass, close } = world({ sds: { maxHistoryBytes: 800_000 } })
    const [alice, bob] = [await open('alice'), await open('bob')]
    const reconnect = cutOffAfter(alice.peer, [4])
    alice.channel.send(bytes(FILM_BYTES, 7))
    alice.channel.send(bytes(10, 7))
    await pass(6 * MINUTE)
    reconnect()
    await pass(5 * MINUTE)
    const told = bob.told('reliable:message:received')
    expect(told).toMatchObject([
      { payload: { length: 10 }, late: false },
      { payload: { length: FILM_BYTES }, late: true },
    ])
    await close()
  })
})
