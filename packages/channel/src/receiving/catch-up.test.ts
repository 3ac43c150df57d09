import { describe, expect, it } from 'vitest'
import {
  type SimulatedPeer,
  simulatedNetwork,
  simulatedProcess,
  virtualTime,
} from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import type { TransportMessage } from '@reliable-channels/transport'
import { type ChannelHealth, type ChannelOptions, type NodeOptions, openChannel } from '../index.ts'
import { team } from '../../test/open-fake.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function setUp() {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 7, scheduler })
  /** Bob on a peer of his. */
  const openOn = async (peer: SimulatedPeer, options: Partial<NodeOptions & ChannelOptions> = {}) => {
    const senderId = options.senderId ?? 'bob'
    const randomBytes = seededBytes(7, senderId)
    const channel = await openChannel({
      ...team,
      senderId,
      transport: peer,
      scheduler,
      randomBytes,
      ...options,
    })
    const received: string[] = []
    const health: ChannelHealth['state'][] = []
    channel.incoming$.subscribe(({ payload }) => received.push(decode(payload)))
    channel.health$.subscribe(({ state }) => health.push(state))
    return { peer, channel, received, health }
  }
  const open = (senderId: string, options: Partial<NodeOptions & ChannelOptions> = {}) =>
    openOn(network.peer(senderId), { senderId, ...options })
  const pass = (ms: number) => scheduler.run({ maxMs: ms })
  /** Alice says what is lost on its way to Bob. */
  const sayUnheard = async ({ channel }: Awaited<ReturnType<typeof openOn>>, ...texts: readonly string[]) => {
    network.partition([['alice'], ['bob']])
    for (const text of texts) channel.send(encode(text))
    await pass(1_000)
    network.heal()
  }
  return { scheduler, network, open, openOn, pass, sayUnheard }
}

async function* nothing(): AsyncGenerator<TransportMessage> {}

// SDS is kept from helping: what arrives comes from the network's memory.
const aloof = { sds: { maxRetransmissions: 0, repair: { enabled: false }, periodicSyncMs: 0 } }

describe('missed messages', () => {
  it('are asked for when a channel is opened again, from where it left off', async () => {
    // MGR-24
    const { open, pass } = setUp()
    const store = memoryStore()
    const alice = await open('alice', aloof)
    const bob = await open('bob', { store, ...aloof })
    alice.channel.send(encode('1'))
    await pass(20_000)
    expect(bob.received).toEqual(['1'])
    await bob.channel.close()
    alice.channel.send(encode('2'))
    alice.channel.send(encode('3'))
    await pass(60_000)
    const again = await open('bob', { store, ...aloof })
    await pass(1_000)
    expect(again.received).toEqual(['2', '3'])
    expect(again.health).toEqual(['catching-up', 'synced'])
    await again.channel.close()
    await alice.channel.close()
  })

  it.each([
    ['was an hour ahead', 3_600_000],
    ['stored nonsense', Number.NaN],
  ])('are asked for where a clock %s when the channel was closed', async (_, aheadMs) => {
    const { open, pass, scheduler } = setUp()
    const store = memoryStore()
    const alice = await open('alice', aloof)
    const bob = await open('bob', { store, ...aloof })
    await pass(20_000)
    await bob.channel.close()
    alice.channel.send(encode('missed'))
    await pass(60_000)
    for await (const { key, value } of store.entries('')) {
      if (!key.endsWith('heard/last')) continue
      const changed = new Uint8Array(value)
      new DataView(changed.buffer).setFloat64(0, scheduler.now() + aheadMs)
      await store.write([{ key, value: changed }])
    }
    const again = await open('bob', { store, historyMs: 100_000, ...aloof })
    await pass(1_000)
    expect(again.received).toEqual(['missed'])
    expect(again.health).toEqual(['catching-up', 'synced'])
    await again.channel.close()
    await alice.channel.close()
  })

  it('are asked for after each reconnection', async () => {
    // MSG-16
    const { open, pass } = setUp()
    const alice = await open('alice', aloof)
    const bob = await open('bob', aloof)
    bob.peer.disconnect()
    alice.channel.send(encode('while away'))
    await pass(60_000)
    expect(bob.received).toEqual([])
    // N11
    expect(bob.health).toEqual(['synced', 'offline'])
    bob.peer.connect()
    await pass(1_000)
    expect(bob.health).toEqual(['synced', 'offline', 'catching-up', 'synced'])
    expect(bob.received).toEqual(['while away'])
    expect(bob.health.at(-1)).toBe('synced')
    await bob.channel.close()
    await alice.channel.close()
  })

  it('come to a newcomer who asks for the past', async () => {
    const { open, pass } = setUp()
    const alice = await open('alice', aloof)
    alice.channel.send(encode('1'))
    alice.channel.send(encode('2'))
    await pass(30_000)
    const bob = await open('bob', { ...aloof, historyMs: 3_600_000 })
    await pass(1_000)
    expect(bob.received).toEqual(['1', '2'])
    await bob.channel.close()
    await alice.channel.close()
  })

  it('are fetched by their retrieval hints when others refer to them', async () => {
    // SSN-11 CAU-12
    const { open, pass, sayUnheard } = setUp()
    const alice = await open('alice', aloof)
    const bob = await open('bob', aloof)
    await sayUnheard(alice, 'lost')
    alice.channel.send(encode('refers to it'))
    await pass(5_000)
    expect(bob.received).toEqual(['lost', 'refers to it'])
    await bob.channel.close()
    await alice.channel.close()
  })

  it('are looked up by time when they stay missing for seconds, and no hint helps', async () => {
    // N3
    const { open, openOn, pass, network, sayUnheard } = setUp()
    const alice = await open('alice', aloof)
    const peer = network.peer('bob')
    peer.fetch = nothing
    const bob = await openOn(peer, aloof)
    await sayUnheard(alice, '1', '2', '3')
    alice.channel.send(encode('4'))
    await pass(100)
    // Nobody is left who could help.
    await alice.channel.close()
    await pass(1_500)
    expect(bob.received).toEqual([])
    await pass(2_000)
    expect(bob.received).toEqual(['1', '2', '3', '4'])
    await bob.channel.close()
  })

  it('are looked up by hint before they are by time, and what came is not read again', async () => {
    // N3
    const { open, openOn, pass, network, sayUnheard } = setUp()
    const alice = await open('alice', aloof)
    const peer = network.peer('bob')
    const { fetch, history } = peer
    let isThere = false
    peer.fetch = async function* (hashes, options) {
      if (isThere) yield* fetch.call(peer, hashes, options)
    }
    const asked: string[] = []
    peer.history = (query) => {
      asked.push('history')
      return history.call(peer, query)
    }
    const bob = await openOn(peer, aloof)
    alice.channel.send(encode('heard'))
    await pass(1_000)
    await sayUnheard(alice, 'missed')
    alice.channel.send(encode('names it'))
    await pass(1_000)
    isThere = true
    await pass(2_500)
    expect(bob.received).toEqual(['heard', 'missed', 'names it'])
    expect(asked).toEqual([])
    await bob.channel.close()
    await alice.channel.close()
  })

  it('are looked up by a newcomer no further back than a minute and what it asks for, by who was here before further', async () => {
    // N3
    const { open, openOn, pass, network, scheduler, sayUnheard } = setUp()
    const alice = await open('alice', aloof)
    const since: number[] = []
    const peer = network.peer('bob')
    peer.fetch = nothing
    peer.history = ({ sinceMs }) => {
      since.push(scheduler.now() - sinceMs)
      return nothing()
    }
    const store = memoryStore()
    const bob = await openOn(peer, { store, ...aloof, sds: { ...aloof.sds, lostAfterMs: Infinity } })
    alice.channel.send(encode('heard'))
    await pass(1_000)
    await sayUnheard(alice, 'lost')
    alice.channel.send(encode('names it'))
    await pass(300_000)
    expect(since.length).toBeGreaterThan(6)
    expect(since.length).toBeLessThan(10)
    // It was here for two seconds when it came to know.
    expect(since[0]).toBeLessThan(60_000 + 5_000)
    expect(since.at(-1)).toBeLessThan(300_000 + 50_000)
    await bob.channel.close()
    since.length = 0
    const again = await openOn(peer, { store, ...aloof })
    await pass(10_000)
    expect(Math.max(...since)).toBeGreaterThan(120_000)
    await again.channel.close()
    await alice.channel.close()
  })

  it.each([
    ['by a newcomer', false],
    ['by who was here before', true],
  ])('are looked up by the clocks of others %s whose own is an hour ahead', async (_, wasHere) => {
    // N3, F13
    const { open, openOn, pass, network, scheduler, sayUnheard } = setUp()
    const alice = await open('alice', aloof)
    alice.channel.send(encode('before its time'))
    await scheduler.advance(300_000)
    const store = memoryStore()
    const { clock } = simulatedProcess(scheduler, { offsetMs: 3_600_000 })
    const peer = network.peer('bob')
    peer.fetch = nothing
    const lives = wasHere ? 2 : 1
    for (let life = 1; life <= lives; life++) {
      const bob = await openOn(peer, { store, ...aloof, scheduler: clock })
      await pass(1_000)
      await sayUnheard(alice, `lost ${life}`)
      alice.channel.send(encode(`names it ${life}`))
      // What it names is here, and waits for what was said before its time.
      await pass(14_000)
      expect(bob.received).toEqual([`lost ${life}`, `names it ${life}`])
      await bob.channel.close()
    }
    await alice.channel.close()
  })

  it('are looked up until the memory answers, which is told of when it does not', async () => {
    // N3
    const { open, openOn, pass, network, sayUnheard } = setUp()
    const alice = await open('alice', aloof)
    const peer = network.peer('bob')
    const { history } = peer
    const noAnswer = (): never => {
      throw new Error('no store node')
    }
    peer.fetch = noAnswer
    peer.history = noAnswer
    const bob = await openOn(peer, aloof)
    const codes = new Set<string>()
    bob.channel.events$.subscribe((event) => event.type === 'diagnostic' && codes.add(event.code))
    alice.channel.send(encode('heard'))
    await pass(1_000)
    await sayUnheard(alice, 'lost')
    alice.channel.send(encode('names it'))
    await pass(100_000)
    expect(codes).toContain('history-failed')
    expect(bob.received).toEqual(['heard'])
    peer.history = history
    await pass(60_000)
    expect(bob.received).toEqual(['heard', 'lost', 'names it'])
    await bob.channel.close()
    await alice.channel.close()
  })

  it('stay due when the memory does not answer', async () => {
    const { open, pass } = setUp()
    const store = memoryStore()
    const alice = await open('alice', aloof)
    const bob = await open('bob', { store, ...aloof })
    await bob.channel.close()
    alice.channel.send(encode('missed'))
    await pass(60_000)
    const failing = await open('bob', { store, ...aloof })
    const codes: string[] = []
    failing.channel.events$.subscribe((event) => {
      if (event.type === 'diagnostic') codes.push(event.code)
    })
    failing.peer.history = () => {
      throw new Error('no store node')
    }
    failing.peer.disconnect()
    failing.peer.connect()
    await pass(120_000)
    expect(codes).toContain('history-failed')
    expect(failing.health.at(-1)).toBe('catching-up')
    await failing.channel.close()
    failing.peer.close()
    const again = await open('bob', { store, ...aloof })
    await pass(1_000)
    expect([...failing.received, ...again.received]).toEqual(['missed'])
    await again.channel.close()
    await alice.channel.close()
  })

  it('are asked for until there is an answer, from where they began to be missed', async () => {
    // F5
    const { open, openOn, pass } = setUp()
    const store = memoryStore()
    const alice = await open('alice', aloof)
    const bob = await open('bob', { store, ...aloof })
    await bob.channel.close()
    alice.channel.send(encode('missed'))
    await pass(60_000)
    const peer = bob.peer
    const history = peer.history.bind(peer)
    let asked = 0
    peer.history = () => {
      asked++
      throw new Error('no store node')
    }
    const again = await openOn(peer, { store, ...aloof })
    await pass(3_600_000)
    expect(again.received).toEqual([])
    // 2, 4, 8, 16, 32 s, then once a minute.
    expect(asked).toBeGreaterThan(55)
    expect(asked).toBeLessThan(70)
    peer.disconnect()
    await pass(10_000)
    peer.connect()
    await pass(600_000)
    expect(again.health.at(-1)).toBe('catching-up')
    peer.history = history
    await pass(60_000)
    expect(again.received).toEqual(['missed'])
    expect(again.health.at(-1)).toBe('synced')
    await again.channel.close()
    await alice.channel.close()
  })

  it('come to the last one from a memory that fails after each page: it is asked from the last message on', async () => {
    // F5
    const { openOn, open, pass, network } = setUp()
    const alice = await open('alice', aloof)
    const sent = Array.from({ length: 40 }, (_, i) => String(i))
    for (const text of sent) {
      alice.channel.send(encode(text))
      await pass(10_000)
    }
    const peer = network.peer('bob')
    const history = peer.history.bind(peer)
    const since: number[] = []
    peer.history = async function* (query) {
      since.push(query.sinceMs)
      let left = 8
      for await (const message of history(query)) {
        if (left-- === 0) throw new Error('page lost')
        yield message
      }
    }
    const bob = await openOn(peer, { senderId: 'bob', historyMs: 3_600_000, ...aloof })
    await pass(60_000)
    expect(bob.received).toEqual(sent)
    expect(since.length).toBeLessThan(20)
    expect(since.toSorted((a, b) => a - b)).toEqual(since)
    await bob.channel.close()
    await alice.channel.close()
  })

  it('are asked for from 40 s before: clocks and stamps differ by 20 s each way', async () => {
    // F13
    const { open, pass, scheduler, openOn, network } = setUp()
    const store = memoryStore()
    const alice = await open('alice', aloof)
    const bob = await open('bob', { store, ...aloof })
    alice.channel.send(encode('1'))
    await pass(1_000)
    const heardBefore = scheduler.now()
    await bob.channel.close()
    await pass(30_000)
    const peer = network.peer('bob again')
    const history = peer.history.bind(peer)
    const since: number[] = []
    peer.history = (query) => {
      since.push(query.sinceMs)
      return history(query)
    }
    const again = await openOn(peer, { store, ...aloof })
    await pass(1_000)
    expect(since).toHaveLength(1)
    expect(since[0]).toBeLessThanOrEqual(heardBefore - 40_000)
    await again.channel.close()
    await alice.channel.close()
  })
})
