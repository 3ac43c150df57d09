import { xchacha } from '@reliable-channels/encryption'
import { type SimulatedPeer, simulatedClock } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { openFake } from '../../test/open-fake.ts'
import { type Restarting, decode, encode, setUp } from '../../test/restarting.ts'
import type { ReliableChannel } from '../channel.ts'
import { MARKER } from '../profiles.ts'
import type { HistoryOptions, HistoryPage } from './history.ts'
import type { HistoryMessage } from './past-messages.ts'

/** All pages of so many messages, oldest first. */
async function paged(
  channel: { history: (options: HistoryOptions) => Promise<HistoryPage> },
  limit: number,
): Promise<HistoryMessage[]> {
  const all: HistoryMessage[] = []
  let before: string | undefined
  do {
    const page: HistoryPage = await channel.history({ before, limit })
    expect(page.messages.length).toBeLessThanOrEqual(limit)
    expect(page.before === undefined || page.messages.length === limit).toBe(true)
    all.unshift(...page.messages)
    ;({ before } = page)
  } while (before !== undefined)
  return all
}
const texts = (messages: readonly HistoryMessage[]): string[] =>
  messages.map(({ senderId, payload }) => `${senderId}: ${decode(payload).slice(0, 3)}`)

describe('the history of a channel', () => {
  it.each([
    ['plain', {}],
    ['with parity', { parityRate: 1 }],
    ['with sealed messages', { cipher: xchacha({ key: new Uint8Array(32) }) }],
    ['with sealed contents', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' as const }],
  ])(
    'has what everybody said, small and large, page by page, also after a restart: %s',
    async (_, options) => {
      const net = setUp()
      const disk = memoryStore()
      const settings = { segmentSizeBytes: 256, ...options }
      const alice = await net.open('alice', memoryStore(), settings)
      let bob = await net.open('bob', disk, settings)
      const ids: (string | undefined)[] = []
      const said: string[] = []
      for (let i = 10; i < 31; i++) {
        const [name, { channel }] = i % 3 === 0 ? (['bob', bob] as const) : (['alice', alice] as const)
        const request = channel.send(encode(`${i} ${'.'.repeat(i % 5 === 0 ? 2_000 : 5)}`))
        said.push(`${name}: ${i} `)
        await net.pass(1_000)
        ids.push(request.messageId)
      }
      for (const limit of [4, 100]) {
        const all = await paged(bob.channel, limit)
        expect(texts(all)).toEqual(said)
        expect(all.map(({ messageId }) => messageId)).toEqual(ids)
        expect(texts(await paged(alice.channel, limit))).toEqual(said)
      }
      const [{ sentAboutAt }] = (await bob.channel.history({ limit: 1 })).messages as [HistoryMessage]
      expect(Math.abs(sentAboutAt - net.scheduler.now())).toBeLessThan(5_000)
      await bob.channel.close()
      bob = await net.open('bob', disk, settings)
      expect(texts(await paged(bob.channel, 8))).toEqual(said)
    },
  )

  it('leaves out a message of which a part is forgotten', async () => {
    const { channel, pass } = await openFake({ segmentSizeBytes: 256, sds: { maxHistory: 3 } })
    channel.send(new Uint8Array(500))
    channel.send(encode('1'))
    await pass(100)
    channel.send(encode('2'))
    await pass(100)
    expect(texts((await channel.history()).messages)).toEqual(['alice: 1', 'alice: 2'])
  })

  it('is empty before what is not known, and for whoever begins', async () => {
    const { channel, pass } = await openFake()
    expect(await channel.history()).toEqual({ messages: [], before: undefined })
    channel.send(encode('1'))
    await pass(100)
    expect(await channel.history({ before: 'made up' })).toEqual({ messages: [], before: undefined })
    await expect(channel.history({ limit: 0 })).rejects.toThrow('"limit" expected an integer from 1')
    await expect(channel.history({ befor: 'x' } as never)).rejects.toThrow('before')
  })

  it('is not waited for longer than a signal says', async () => {
    const { channel } = await openFake()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(channel.history({ signal })).rejects.toThrow('enough')
  })

  it('has large messages too, which take several turns', async () => {
    const { channel, pass } = await openFake()
    channel.send(new Uint8Array(3_000_000).fill(7))
    channel.send(encode('after it'))
    await pass(60_000)
    const asked = channel.history()
    await pass(100)
    expect((await asked).messages.map(({ payload }) => payload.length)).toEqual([3_000_000, 8])
  })
})

describe('the history of a channel, in the network', () => {
  /** All pages, oldest first. */
  async function all(channel: Pick<ReliableChannel, 'history'>, limit: number, pass: () => Promise<unknown>) {
    const messages: HistoryMessage[] = []
    let before: string | undefined
    do {
      const asked = channel.history({ before, limit, network: true })
      await pass()
      const page = await asked
      expect(page.messages.length).toBeLessThanOrEqual(limit)
      messages.unshift(...page.messages)
      ;({ before } = page)
    } while (before !== undefined)
    return messages
  }
  /** Others say so much on the topic, as the memory that a peer asks tells; returns the most of it that was read at a time. */
  function crowd(net: Restarting, peer: SimulatedPeer, everyMs: number, bytes: number, lastMs: number) {
    const junk = { payload: new Uint8Array(bytes), meta: new Uint8Array(encode(MARKER)), ephemeral: false }
    const { history } = peer
    let most = 0
    peer.history = async function* (query) {
      const nowMs = net.scheduler.now()
      let read = 0
      let atMs = Math.max(query.sinceMs, nowMs - lastMs)
      const before = function* (untilMs: number) {
        for (; atMs < untilMs; atMs += everyMs) {
          most = Math.max(most, ++read)
          yield { ...junk, hash: `${atMs}`, contentTopic: query.contentTopic, timestampMs: atMs }
        }
      }
      for await (const message of history.call(peer, query)) {
        yield* before(message.timestampMs!)
        yield message
      }
      yield* before(nowMs)
    }
    return () => most
  }
  /** Alice and Carol talk, with a pause of some hours. */
  async function talk(options: Parameters<Restarting['open']>[2]) {
    const net = setUp()
    const [alice, carol] = [
      await net.open('alice', memoryStore(), options),
      await net.open('carol', memoryStore(), options),
    ]
    const said: string[] = []
    const ids: (string | undefined)[] = []
    for (let i = 10; i < 31; i++) {
      const [name, { channel }] = i % 3 === 0 ? (['carol', carol] as const) : (['alice', alice] as const)
      const request = channel.send(encode(`${i} ${'.'.repeat(i % 5 === 0 ? 2_000 : 5)}`))
      said.push(`${name}: ${i} `)
      await net.pass(i === 20 ? 3 * 3_600_000 : 2_000)
      ids.push(request.messageId)
    }
    return { net, said, ids, alice, carol }
  }

  it.each([
    ['plain', {}],
    ['with parity', { parityRate: 1 }],
    ['with sealed messages', { cipher: xchacha({ key: new Uint8Array(32) }) }],
    ['with sealed contents', { cipher: xchacha({ key: new Uint8Array(32) }), placement: 'content' as const }],
  ])('tells a newcomer what was said before, page by page: %s', async (_, options) => {
    const settings = { segmentSizeBytes: 256, ...options }
    const { net, said, ids } = await talk(settings)
    const bob = await net.open('bob', memoryStore(), settings)
    await net.pass(100)
    expect((await bob.channel.history()).messages).toEqual([])
    for (const limit of [4, 100]) {
      const messages = await all(bob.channel, limit, () => net.pass(1_000))
      expect(texts(messages)).toEqual(said)
      expect(messages.map(({ messageId }) => messageId)).toEqual(ids)
    }
    // That they were read delivers nothing. Of the last minute a newcomer is told by itself.
    expect(bob.received.map((text) => Number(text.slice(0, 2))).filter((i) => i <= 20)).toEqual([])
  })

  it('goes on where what the channel has kept ends', async () => {
    const { net, said, carol } = await talk({ sds: { maxHistory: 8 } })
    expect(await paged(carol.channel, 3)).toHaveLength(8)
    expect(texts(await all(carol.channel, 3, () => net.pass(1_000)))).toEqual(said)
  })

  it('does not tell what somebody else has sealed, or says in the name of another', async () => {
    const key = new Uint8Array(32)
    const { net } = await talk({ cipher: xchacha({ key }) })
    const bob = await net.open('bob', memoryStore(), { cipher: xchacha({ key: key.with(0, 1) }) })
    expect(await all(bob.channel, 5, () => net.pass(1_000))).toEqual([])
  })

  it('reads no more of a long past than a page takes, and ends with a signal', async () => {
    const { net } = await talk({})
    const bob = await net.open('bob', memoryStore())
    const read: string[] = []
    const { history } = bob.peer
    bob.peer.history = async function* (query) {
      for await (const message of history.call(bob.peer, query)) {
        read.push(message.hash)
        yield message
      }
    }
    await net.pass(100)
    const first = await bob.channel.history({ network: true })
    const asked = bob.channel.history({ before: first.before, limit: 3, network: true })
    await net.pass(1_000)
    expect(texts((await asked).messages)).toHaveLength(3)
    // Ten messages were said since the pause, and each was acknowledged.
    expect(read.length).toBeLessThan(30)
    const controller = new AbortController()
    const aborted = expect(
      bob.channel.history({ before: first.before, network: true, signal: controller.signal }),
    ).rejects.toThrow('enough')
    controller.abort(new Error('enough'))
    await net.pass(100)
    await aborted
  })

  it.each([
    ['', 3, 0],
    [', on a busy topic', 50, 50],
  ])(
    'has everything once of two whose clocks are off and who did not hear each other%s',
    async (_, limit, everyMs) => {
      const net = setUp()
      const open = (name: string, offsetMs = 0) =>
        net.open(name, memoryStore(), { scheduler: simulatedClock(net.scheduler, { offsetMs }) })
      const members = [await open('alice', 15_000), await open('carol', -15_000)] as const
      net.network.partition([['alice'], ['carol']])
      const said: string[] = []
      for (let i = 100; i < 200; i++) {
        members[i % 2]!.channel.send(encode(`${i}`))
        said.push(`${['alice', 'carol'][i % 2]}: ${i}`)
        await net.pass(7_000)
      }
      net.network.heal()
      const bob = await open('bob')
      if (everyMs > 0) crowd(net, bob.peer, everyMs, 100, 3_600_000)
      const messages = await all(bob.channel, limit, () => net.pass(2_000))
      expect(texts(messages).toSorted()).toEqual(said.toSorted())
    },
  )

  it.each([
    ['twenty things a second', 50, 100],
    ['140 kB each second', 1_000, 140_000],
  ])(
    'reads a shorter time of a topic on which others say %s, and has everything',
    async (_, everyMs, bytes) => {
      const { net, said } = await talk({})
      const bob = await net.open('bob', memoryStore())
      const most = crowd(net, bob.peer, everyMs, bytes, 600_000)
      const messages = await all(bob.channel, 4, () => net.pass(2_000))
      expect(texts(messages)).toEqual(said)
      expect(most()).toBeGreaterThan(450)
      expect(most()).toBeLessThanOrEqual(5_001)
      expect(most() * bytes).toBeLessThan(2 ** 26 + 1_000_000)
    },
  )

  it('rejects while the network does not answer, and is what the channel has where the network remembers nothing', async () => {
    const { net } = await talk({})
    const bob = await net.open('bob', memoryStore())
    const { before } = await bob.channel.history({ network: true })
    bob.peer.disconnect()
    await expect(bob.channel.history({ before, network: true })).rejects.toThrow('disconnected')
    const { channel } = await openFake()
    expect(await channel.history({ network: true })).toEqual({ messages: [], before: undefined })
  })
})
