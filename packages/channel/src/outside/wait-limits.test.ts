import { describe, expect, it } from 'vitest'
import { virtualTime } from '@reliable-channels/simulator'
import { type Store, memoryStore } from '@reliable-channels/store'
import { type ChannelEvent, ReliableChannelManager, openChannel } from '../index.ts'
import { type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'
import { hello, openFake, team } from '../../test/open-fake.ts'

/** A store whose call of this name never answers, from when it is told to. */
function hangingStore(hung: keyof Store) {
  const store = memoryStore()
  const control = { hangs: false, store: {} as Store }
  const hanging: Store = {
    get: (key) => (control.hangs && hung === 'get' ? new Promise(() => {}) : store.get(key)),
    write: (changes) => (control.hangs && hung === 'write' ? new Promise(() => {}) : store.write(changes)),
    entries: (prefix) =>
      control.hangs && hung === 'entries'
        ? { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
        : store.entries(prefix),
    close: () => store.close(),
  }
  control.store = hanging
  return control
}

const codes = (events: readonly ChannelEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'diagnostic' ? [event.code] : []))

describe('a store that stops answering', () => {
  it('does not stop the messages: the write counts as failed, is told, and is tried again', async () => {
    // F3
    const disk = hangingStore('write')
    const { channel, events, pass, transport } = await openFake({ store: disk.store })
    channel.send(hello)
    await pass()
    expect(transport.sent).toHaveLength(1)
    disk.hangs = true
    const second = channel.send(hello)
    await pass(3_400)
    expect(events).toContainEqual(
      expect.objectContaining({
        code: 'slow',
        detail: { what: 'store.write', waitedMs: expect.closeTo(3_333, -1) },
      }),
    )
    await pass(6_700)
    expect(codes(events)).toContain('gave-up-waiting')
    expect(codes(events)).toContain('store-failed')
    expect(second.status.segments.released).toBe(1)
    disk.hangs = false
    await pass(11_000)
    expect(codes(events)).toContain('store-recovered')
    await second.accepted()
    await channel.close()
  })

  it('does not keep a channel from closing, within the limit', async () => {
    // F3 F8
    const disk = hangingStore('write')
    const { channel, pass } = await openFake({ store: disk.store, limits: { storeMs: 1_000 } })
    disk.hangs = true
    channel.send(hello)
    await pass()
    const closed = channel.close()
    const failure = expect(closed).rejects.toThrow('store.write did not answer within 1000 ms')
    await pass(2_100)
    await failure
  })

  it.each(['get', 'entries', 'write'] as const)('fails the opening when it hangs in %s', async (hung) => {
    // F3
    const disk = hangingStore(hung)
    disk.hangs = true
    const scheduler = virtualTime()
    const transport = fakeTransport()
    const manager = new ReliableChannelManager({ transport, scheduler, store: disk.store })
    const told: ChannelEvent[] = []
    manager.events$.subscribe((event) => told.push(event))
    const failure = expect(manager.create(team)).rejects.toMatchObject({
      code: 'ERR_STORE_LOAD',
      message: expect.stringContaining('did not answer within 10000 ms'),
    })
    await scheduler.run({ maxMs: 10_000 })
    await failure
    expect(transport.calls).toEqual([])
    // Nobody can listen to a channel that does not open: the manager tells.
    expect(codes(told)).toEqual(['slow', 'gave-up-waiting'])
  })
})

describe('a store that does not answer while a channel is forgotten', () => {
  it.each(['entries', 'write'] as const)(
    'rejects within the limit, and another may have it: %s',
    async (hung) => {
      // F3
      const disk = hangingStore(hung)
      const scheduler = virtualTime()
      const manager = new ReliableChannelManager({ transport: fakeTransport(), scheduler, store: disk.store })
      await (await manager.create(team)).close()
      disk.hangs = true
      const failure = expect(manager.forget(team.channelId)).rejects.toMatchObject({
        code: 'ERR_GAVE_UP_WAITING',
      })
      await scheduler.run({ maxMs: 10_000 })
      await failure
      disk.hangs = false
      await manager.forget(team.channelId)
      await manager.closeAll()
    },
  )
})

describe('a transport that does not answer', () => {
  it('fails the opening, and a subscription that comes about later is ended', async () => {
    // F3 F20
    const transport = fakeTransport()
    const subscribed = Promise.withResolvers<void>()
    transport.onSubscribe = () => subscribed.promise
    const scheduler = virtualTime()
    const opened = openChannel({ ...team, transport, scheduler, limits: { transportMs: 5_000 } })
    const failure = expect(opened).rejects.toMatchObject({ code: 'ERR_SUBSCRIBE' })
    await scheduler.run({ maxMs: 5_000 })
    await failure
    subscribed.resolve()
    await scheduler.run({ maxMs: 0 })
    expect(transport.calls).toEqual([`subscribe ${team.contentTopic}`, `unsubscribe ${team.contentTopic}`])
  })

  it('does not keep a channel from closing', async () => {
    // F3 F8
    const { channel, transport, pass, scheduler } = await openFake()
    transport.onUnsubscribe = () => new Promise(() => {})
    let isClosed = false
    const closed = channel.close().then(() => (isClosed = true))
    await pass(1_900)
    expect(isClosed).toBe(false)
    await pass(100)
    expect(isClosed).toBe(true)
    await closed
    // And leaves no timer behind, which would move the clock.
    const closedAt = scheduler.now()
    await scheduler.run()
    expect(scheduler.now()).toBe(closedAt)
  })
})

describe('a memory of the network that does not answer', () => {
  it('leaves no timer behind when the channel is closed', async () => {
    // F3 F8
    const asked: string[] = []
    const transport = Object.assign(fakeTransport(), {
      history: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => (asked.push('history'), new Promise<never>(() => {})),
        }),
      }),
    })
    const { channel, scheduler, pass } = await openFake({ transport, historyMs: 60_000 })
    await pass(1_000)
    expect(asked).toEqual(['history'])
    const closed = channel.close()
    await pass(5_000)
    await closed
    const closedAt = scheduler.now()
    await scheduler.run()
    expect(scheduler.now()).toBe(closedAt)
  })
})

describe('a manager that is closed while a channel is being opened', () => {
  it.each<[string, Partial<Store>, (transport: FakeTransport) => void]>([
    ['get of the store', { get: () => new Promise(() => {}) }, () => {}],
    [
      'entries of the store',
      { entries: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }) },
      () => {},
    ],
    ['subscribe', {}, (transport) => (transport.onSubscribe = () => new Promise(() => {}))],
  ])('does not wait for it, and leaves nothing behind: %s hangs', async (_, hanging, hang) => {
    // F3 F8
    const scheduler = virtualTime()
    const transport = fakeTransport()
    hang(transport)
    const disk = memoryStore()
    const store: Store = {
      get: (key) => disk.get(key),
      entries: (prefix) => disk.entries(prefix),
      write: (changes) => disk.write(changes),
      close: () => disk.close(),
      ...hanging,
    }
    const manager = new ReliableChannelManager({ transport, store, scheduler })
    const failure = expect(manager.create(team)).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await scheduler.run({ maxMs: 1 })
    const closingAt = scheduler.now()
    const closed = manager.closeAll()
    await scheduler.run()
    await closed
    await failure
    expect(scheduler.now()).toBe(closingAt)
  })
})

describe('a node of which nothing answers any more', () => {
  it('is closed within the sum of the limits, and one error tells of everything, channel by channel', async () => {
    // F3 F8
    const scheduler = virtualTime()
    const transport = fakeTransport()
    const disk = hangingStore('write')
    const limits = { storeMs: 1_000, lockMs: 3_000 }
    const locks = { request: async (_: string, __: unknown, held: (lock: object) => unknown) => held({}) }
    const manager = new ReliableChannelManager({
      transport,
      store: disk.store,
      scheduler,
      limits,
      exclusive: { name: 'node', locks: locks as never },
    })
    for (const channelId of ['one', 'two']) await manager.create({ ...team, channelId })
    disk.hangs = true
    transport.onSend = () => new Promise(() => {})
    transport.onUnsubscribe = () => new Promise(() => {})
    for (const channelId of manager.channelIds) manager.send(channelId, hello)
    await scheduler.run({ maxMs: 50 })
    const closingAt = scheduler.now()
    let failure: unknown
    let closedAt = Infinity
    void manager.closeAll().catch((error: unknown) => {
      failure = error
      closedAt = scheduler.now()
    })
    await scheduler.run()
    // The last word, leaving the topic, two writes, the lock.
    expect(closedAt - closingAt).toBeLessThanOrEqual(2_000 + 2_000 + 2 * 1_000 + 3_000)
    expect(failure).toBeInstanceOf(AggregateError)
    const messages = (failure as AggregateError).errors.map(({ message }: Error) => message)
    expect(messages).toEqual(Array(2).fill('store.write did not answer within 1000 ms'))
    expect(scheduler.now()).toBe(closedAt)
  })
})

describe('a manager whose channels fail to close', () => {
  it('closes all of them, lets go of everything, and tells every failure at once', async () => {
    // F8
    const scheduler = virtualTime()
    const disk = memoryStore()
    const broken = new Set<string>()
    const store: Store = {
      ...disk,
      get: (key) => disk.get(key),
      entries: (prefix) => disk.entries(prefix),
      async write(changes) {
        const key = changes.find(({ key }) => [...broken].some((id) => key.includes(`/${id}/`)))?.key
        if (key !== undefined) throw new Error(`cannot write ${key.split('/')[1]}`)
        await disk.write(changes)
      },
    }
    const manager = new ReliableChannelManager({ transport: fakeTransport(), store, scheduler })
    const ended: string[] = []
    for (const channelId of ['one', 'two', 'three']) {
      const channel = await manager.create({ ...team, channelId })
      channel.events$.subscribe({ complete: () => ended.push(channelId) })
    }
    broken.add('one').add('three')
    for (const channelId of manager.channelIds) manager.send(channelId, hello)
    await scheduler.run({ maxMs: 10 })
    const closed = manager.closeAll()
    const failure = closed.catch((error: unknown) => error)
    await scheduler.run({ maxMs: 5_000 })
    expect(await failure).toMatchObject({
      name: 'AggregateError',
      message: 'cannot write one; cannot write three',
      errors: [{ message: 'cannot write one' }, { message: 'cannot write three' }],
    })
    expect(ended.sort()).toEqual(['one', 'three', 'two'])
    expect(manager.channelIds).toEqual([])
    broken.clear()
    const again = new ReliableChannelManager({ transport: fakeTransport(), store, scheduler })
    await again.create({ ...team, channelId: 'one' })
    await again.closeAll()
  })
})

describe('the limits', () => {
  it('are refused when they are none', async () => {
    const opened = openChannel({ ...team, transport: fakeTransport(), limits: { storeMs: 0 } })
    await expect(opened).rejects.toThrow('"limits.storeMs" expected a number above 0, got 0')
  })
})
