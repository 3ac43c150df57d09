import { describe, expect, it } from 'vitest'
import { type Locks, StoreLockedError, memoryStore } from '@reliable-channels/store'
import { ReliableChannelManager } from '../index.ts'
import { virtualTime } from '@reliable-channels/simulator'
import { hello, team } from '../../test/open-fake.ts'
import { fakeLocks } from '../../test/fake-locks.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { dump, encode, setUp } from '../../test/restarting.ts'

const paced = { rateLimit: { enabled: true, epochMs: 60_000, messagesPerEpoch: 4 } }

describe('the quota of a node with a store', () => {
  it('is not exceeded however often the process is killed within an epoch', async () => {
    const { open, pass, network, scheduler } = setUp()
    const disk = memoryStore()
    const left = new Map<number, number>()
    network.traffic$.subscribe((event) => {
      if (event.type !== 'sent' || event.from !== 'alice') return
      const epoch = Math.floor(scheduler.now() / 60_000)
      left.set(epoch, (left.get(epoch) ?? 0) + 1)
    })
    for (let round = 0; round < 12; round++) {
      const alice = await open('alice', disk, paced)
      alice.channel.send(encode(`a${round}`))
      alice.channel.send(encode(`b${round}`))
      await pass(9_000)
      alice.kill()
    }
    expect(left.size).toBeGreaterThan(1)
    expect(Math.max(...left.values())).toBe(4)
    expect((await dump(disk, 'rate-limit/')).size).toBe(1)
  })

  it('counts the epoch as spent, and says so, when what was used cannot be read', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    await disk.write([{ key: 'rate-limit/wall', value: Uint8Array.of(1, 2, 3) }])
    const alice = await open('alice', disk, paced)
    const handle = alice.channel.send(encode('waits'))
    await pass(50)
    expect(handle.status.state).toBe('queued')
    expect(alice.events).toContainEqual(
      expect.objectContaining({
        code: 'store-corrupt',
        detail: expect.objectContaining({ part: 'rate-limit', key: 'wall' }) as unknown,
      }),
    )
    await pass(60_000)
    expect(handle.status.state).not.toBe('queued')
    alice.kill()
  })

  it('has its options checked before anything is read', () => {
    expect(
      () =>
        new ReliableChannelManager({
          transport: fakeTransport(),
          store: memoryStore(),
          rateLimit: { enabled: true, epochMs: 0 },
        }),
    ).toThrow('"epochMs"')
  })
})

describe('a name that a node holds', () => {
  const manager = (locks: Locks, wait = false): ReliableChannelManager =>
    new ReliableChannelManager({
      transport: fakeTransport(),
      store: memoryStore(),
      exclusive: { name: 'app', locks, wait },
    })

  it('keeps another node out until it is closed, and then lets it in', async () => {
    const locks = fakeLocks()
    const first = manager(locks)
    const second = manager(locks)
    await first.create(team)
    await first.create({ ...team, channelId: 'other' })
    await expect(second.create(team)).rejects.toBeInstanceOf(StoreLockedError)
    expect(second.exists('team')).toBe(false)
    await first.closeAll()
    await second.create(team)
    await second.closeAll()
  })

  it('ends every channel at once when it is taken away, and nothing is written or sent any more', async () => {
    // F17
    const locks = fakeLocks()
    const transport = fakeTransport()
    const disk = new Map<string, Uint8Array>()
    const store = memoryStore(disk)
    const first = new ReliableChannelManager({ transport, store, exclusive: { name: 'app', locks } })
    const channel = await first.create(team)
    const seen: unknown[] = []
    channel.events$.subscribe({
      next: (event) => seen.push(event.type === 'diagnostic' ? event.code : event.type),
      error: ({ code }) => seen.push(code),
    })
    locks.steal('app')
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).toEqual(['channel-died', 'ERR_STORE_LOCKED'])
    expect(() => channel.send(hello)).toThrow('closed')
    expect(first.exists('team')).toBe(false)
    expect(transport.sent).toEqual([])
    await first.closeAll()
    await expect(first.create(team)).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
  })

  it('says that it is waited for, and closing ends the wait', async () => {
    // F17
    const locks = fakeLocks()
    const scheduler = virtualTime()
    const first = manager(locks)
    await first.create(team)
    const second = new ReliableChannelManager({
      transport: fakeTransport(),
      scheduler,
      exclusive: { name: 'app', locks, wait: true },
    })
    const told: unknown[] = []
    second.events$.subscribe((event) => told.push(event.type === 'diagnostic' && [event.code, event.detail]))
    const created = second.create(team).catch(({ code }: { code: string }) => code)
    await scheduler.run({ maxMs: 60_000 })
    expect(told).toEqual([['slow', { what: 'the name "app"', waitedMs: 1_000 }]])
    await second.closeAll()
    expect(await created).toBe('ERR_CHANNEL_CLOSED')
    await first.closeAll()
    await (await manager(locks).create(team)).close()
  })

  it('fails the opening within the limit when nobody answers, tells it, and lets go of what comes later', async () => {
    // F3
    const scheduler = virtualTime()
    const hold = Promise.withResolvers<unknown>()
    let isHeld = false
    const silent: Locks = {
      async request(_name, _options, held) {
        await hold.promise
        isHeld = true
        await held({})
        isHeld = false
      },
    }
    const node = new ReliableChannelManager({
      transport: fakeTransport(),
      scheduler,
      exclusive: { name: 'app', locks: silent },
      limits: { lockMs: 5_000 },
    })
    const told: unknown[] = []
    node.events$.subscribe((event) => told.push(event.type === 'diagnostic' && [event.code, event.detail]))
    const failure = expect(node.create(team)).rejects.toMatchObject({ code: 'ERR_GAVE_UP_WAITING' })
    await scheduler.run({ maxMs: 5_000 })
    await failure
    expect(told).toEqual([
      ['slow', { what: 'the name "app"', waitedMs: 1_000 }],
      ['gave-up-waiting', { what: 'the name "app"', waitedMs: 5_000 }],
    ])
    hold.resolve(undefined)
    for (let i = 0; i < 20; i++) await Promise.resolve()
    expect(isHeld).toBe(false)
    await node.closeAll()
  })

  it('does not keep a node from closing when letting go of it is not answered', async () => {
    // F3
    const scheduler = virtualTime()
    const locks: Locks = {
      async request(_name, _options, held) {
        await held({})
        return new Promise(() => {})
      },
    }
    const node = new ReliableChannelManager({
      transport: fakeTransport(),
      scheduler,
      exclusive: { name: 'app', locks },
    })
    await node.create(team)
    const failure = expect(node.closeAll()).rejects.toThrow('lock.release did not answer within 10000 ms')
    await scheduler.run({ maxMs: 15_000 })
    await failure
  })

  it('can be waited for', async () => {
    const locks = fakeLocks()
    const first = manager(locks)
    const second = manager(locks, true)
    await first.create(team)
    let opened = false
    const opening = second.create(team).then(() => (opened = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(opened).toBe(false)
    await first.closeAll()
    await opening
    await second.closeAll()
  })
})
