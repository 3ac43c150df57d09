import { type Store, memoryStore } from '@reliable-channels/store'
import { equalBytes } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import type { ChannelEvent, ChannelOptions } from '../index.ts'
import { type Member, setUp } from '../../test/restarting.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const SENDERS = ['alice', 'bob', 'carol', 'dave', 'erin']
const MIB = 2 ** 20

/** All limits, and what is sent, are so many times smaller: a film of 26 MB has 406 kB. */
const SCALE = 64
const SMALL: Partial<ChannelOptions> = {
  segmentSizeBytes: 6_656,
  reassembly: { maxBufferedBytes: (32 * MIB) / SCALE, maxBufferedBytesPerSender: (28 * MIB) / SCALE },
  sds: {
    maxHistoryBytes: (64 * MIB) / SCALE,
    maxIncomingBytes: (64 * MIB) / SCALE,
    maxIncomingBytesPerSender: (48 * MIB) / SCALE,
  },
}
const FILM_BYTES = 26_000_000 / SCALE
const SEEDS = [1, 2, 3, 4]

const filmOf = (name: string, bytes: number): Uint8Array =>
  new Uint8Array(bytes).map((_, i) => (i * (name.charCodeAt(0) | 1)) >>> 3)

/** Members, of whom some send a film at once, and what is true of what they are told. */
function cinema(options: Partial<ChannelOptions>, conditions: Parameters<typeof setUp>[0] = {}) {
  const { open, pass, scheduler, network } = setUp(conditions)
  const has = new Map<string, Map<string, Uint8Array[]>>()
  const untrue: string[] = []
  const lost: ChannelEvent[] = []
  const members = new Map<string, Member>()
  const filmsOf = (name: string): Map<string, Uint8Array[]> =>
    has.get(name) ?? new Map<string, Uint8Array[]>()
  return {
    pass,
    network,
    lost,
    untrue,
    members,
    async enter(
      name: string,
      more: Partial<ChannelOptions> = {},
      disk: Store = memoryStore(),
    ): Promise<Member> {
      if (!has.has(name)) has.set(name, new Map())
      const member = await open(name, disk, {
        ...options,
        ...more,
        handler({ senderId, payload, redelivered }) {
          // It was being handled when the process ended.
          if (redelivered && filmsOf(name).has(senderId)) return
          const films = filmsOf(name)
          films.set(senderId, [...(films.get(senderId) ?? []), payload])
        },
      })
      member.channel.events$.subscribe((event) => {
        if (event.type === 'reliable:message:lost') lost.push(event)
        if (event.type !== 'reliable:message:delivered') return
        for (const by of event.deliveredTo)
          if (!filmsOf(by).has(name)) untrue.push(`${by} has not got what ${name} sent`)
      })
      members.set(name, member)
      return member
    },
    send(name: string, bytes: number = FILM_BYTES): void {
      members.get(name)!.channel.send(filmOf(name, bytes))
    },
    /** Until everybody has what each of them sent. */
    async end(senders: readonly string[], maxMs: number): Promise<void> {
      const isOver = (): boolean =>
        [...has].every(([name, films]) => senders.every((sender) => sender === name || films.has(sender)))
      await scheduler.run({ until: isOver, maxMs })
      await pass(5 * SECOND)
    },
    /** Who has which films, whole and once. */
    seen(): Record<string, string[]> {
      const isWhole = ([sender, payloads]: [string, Uint8Array[]]): boolean =>
        payloads.filter((each) => equalBytes(each, filmOf(sender, each.length))).length === 1
      return Object.fromEntries(
        [...has].map(([name, films]) => [
          name,
          [...films]
            .filter(isWhole)
            .map(([sender]) => sender)
            .toSorted(),
        ]),
      )
    },
    delivered: (): string[] =>
      [...members].flatMap(([name, { events }]) =>
        events.some(({ type }) => type === 'reliable:message:delivered') ? [name] : [],
      ),
    close: () => Promise.all([...members.values()].map(({ channel }) => channel.close())),
  }
}

const everybodyBut = (name: string, all: readonly string[]): string[] => all.filter((each) => each !== name)

// F10
describe('films that are sent at once', () => {
  // The last is how many times the frames of the films may be sent, over all seeds: of one run chance decides.
  it.each([
    ['', {}, {}, 1.75],
    [', where one message in ten is lost', { loss: 0.1 }, {}, 2.5],
    [
      ', with parity, where one message in ten is lost',
      { loss: 0.1 },
      { parityRate: 0.2, segmentSizeBytes: 8_192 },
      1.5,
    ],
    [', on a network that remembers nothing', { retentionMs: 1 }, {}, 2.75],
  ])('are whole at everybody, one after the other%s', async (_, conditions, options, times) => {
    let sent = 0
    for (const seed of SEEDS) {
      const { enter, send, end, seen, delivered, untrue, lost, members, network, close } = cinema(
        { ...SMALL, ...options },
        { ...conditions, seed },
      )
      for (const name of [...SENDERS, 'frank']) await enter(name)
      for (const name of SENDERS) send(name)
      await end(SENDERS, 5 * MINUTE)
      expect(seen()).toEqual(
        Object.fromEntries([...SENDERS, 'frank'].map((name) => [name, everybodyBut(name, SENDERS)])),
      )
      expect(delivered()).toEqual(SENDERS)
      expect([untrue, lost]).toEqual([[], []])
      expect(members.get('frank')!.channel.drops['segment-no-room']).toBeGreaterThan(0)
      sent += network.stats.sent
      await close()
    }
    // Whoever had no room asks for what the network does not remember, and others hear it too.
    const least = Math.ceil(FILM_BYTES / 6_400) * SENDERS.length
    expect(sent / SEEDS.length / least).toBeLessThan(times)
  })

  it('are whole with default options, two of 26 MB', async () => {
    const { enter, send, end, seen, delivered, untrue, close } = cinema({})
    for (const name of ['alice', 'bob', 'carol']) await enter(name)
    send('alice', 26_000_000)
    send('bob', 26_000_000)
    await end(['alice', 'bob'], 5 * MINUTE)
    expect(seen()).toEqual({ alice: ['bob'], bob: ['alice'], carol: ['alice', 'bob'] })
    expect([delivered(), untrue]).toEqual([['alice', 'bob'], []])
    await close()
  })

  it('are whole at one who is restarted in the middle', async () => {
    const { enter, send, end, seen, delivered, untrue, pass, members, close } = cinema(SMALL, { seed: 6 })
    for (const name of SENDERS) await enter(name)
    const medium = new Map<string, Uint8Array>()
    await enter('frank', {}, memoryStore(medium))
    for (const name of SENDERS) send(name)
    await pass(150)
    expect(members.get('frank')!.received.length).toBeLessThan(5)
    members.get('frank')!.kill()
    await pass(30 * SECOND)
    await enter('frank', {}, memoryStore(medium))
    await end(SENDERS, 20 * MINUTE)
    expect(seen().frank).toEqual(SENDERS)
    expect([delivered(), untrue]).toEqual([SENDERS, []])
    await close()
  })
})

// F10
describe('who begins films and does not go on with them', () => {
  it('holds up nobody for long', async () => {
    const { enter, send, end, seen, members, pass, close } = cinema(SMALL, { seed: 9 })
    const liars = ['mallory', 'mickey', 'mike']
    for (const name of [...liars, 'alice', 'bob']) await enter(name)
    for (const name of liars) {
      const { channel, peer } = members.get(name)!
      let left = 0
      channel.outgoing$.subscribe(() => {
        if (++left === 3) peer.disconnect()
      })
      send(name)
    }
    await pass(100)
    send('alice')
    await end(['alice'], 2 * MINUTE)
    expect(seen().bob).toEqual(['alice'])
    await close()
  })
})

// F10
describe('a film that one of three cannot hold', () => {
  it('is told as lost there, with its author and size, and holds up nothing; he is never told that it was delivered', async () => {
    const { enter, send, pass, seen, untrue, lost, members, close } = cinema(SMALL, { seed: 7 })
    await enter('alice')
    await enter('bob')
    const small = await enter('carol', {
      sds: { maxHistoryBytes: FILM_BYTES },
      reassembly: { maxBufferedBytes: FILM_BYTES / 2, maxBufferedBytesPerSender: FILM_BYTES / 2 },
    })
    send('alice')
    await pass(10 * SECOND)
    members.get('alice')!.channel.send(new TextEncoder().encode('did you like it?'))
    await pass(10 * MINUTE)
    expect(seen()).toMatchObject({ bob: ['alice'], carol: [] })
    expect(lost).toMatchObject([{ senderId: 'alice', bytes: FILM_BYTES, reason: 'too-large' }])
    expect(small.received).toEqual(['did you like it?'])
    const told = members
      .get('alice')!
      .events.flatMap((event) =>
        event.type === 'reliable:message:delivered' ? [event.deliveredTo.toSorted()] : [],
      )
    expect(told[0]).toEqual(['bob'])
    expect(untrue).toEqual([])
    await close()
  })

  it('is told as lost where its segments are too long, and its author as undelivered', async () => {
    const { enter, send, pass, lost, members, close } = cinema({}, { seed: 8 })
    const alice = await enter('alice', { segmentSizeBytes: 20_000 })
    await enter('bob', { reassembly: { maxSegmentBytes: 10_000 } })
    send('alice', 100_000)
    await pass(20 * MINUTE)
    expect(lost).toMatchObject([{ senderId: 'alice', bytes: 100_000, reason: 'too-large' }])
    const types = alice.events.map(({ type }) => type)
    expect(types).toContain('reliable:message:delivery-error')
    expect(types).not.toContain('reliable:message:delivered')
    expect(members.get('bob')!.channel.drops['segment-oversized']).toBeGreaterThan(0)
    await close()
  })
})
