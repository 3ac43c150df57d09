import { fromHook } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { countedSignal } from '../test/counted-signal.ts'
import { fakeTransport } from '../test/fake-transport.ts'
import { hello, openFake, team } from '../test/open-fake.ts'
import { setUpTabs } from '../test/tabs.ts'
import { ReliableChannelManager, type ReliableChannel, openChannel } from './index.ts'
import type { TabsOptions } from './tabs.ts'

const enough = new Error('enough')
const forever = <T>(): Promise<T> => new Promise(() => {})

/** A channel on which everything waits: nobody acknowledges, nothing leaves, and the cipher takes its time. */
async function waiting(): Promise<ReliableChannel> {
  let isSlow = false
  const cipher = fromHook(
    {
      encrypt: (bytes) => bytes,
      decrypt: (bytes) => (isSlow ? forever() : bytes),
    },
    { overheadBytes: 0 },
  )
  const { channel, pass } = await openFake({ maxOpenRequests: 1, cipher, placement: 'content' })
  channel.send(hello)
  await pass(0)
  isSlow = true
  return channel
}

type Wait = (channel: ReliableChannel, signal: AbortSignal) => Promise<unknown>
const first = (channel: ReliableChannel) => channel.requests[0]!

const WAITS: readonly (readonly [string, Wait])[] = [
  ['ready', (channel, signal) => channel.ready(undefined, { signal })],
  ['history', (channel, signal) => channel.history({ signal })],
  ['sent', (channel, signal) => first(channel).sent({ signal })],
  ['delivered', (channel, signal) => first(channel).delivered({ signal })],
  ['deliveredToAll', (channel, signal) => first(channel).deliveredToAll(['bob'], { signal })],
]

describe('whoever waits', () => {
  it.each(WAITS)('for %s is told the reason of a signal that has aborted', async (_, wait) => {
    const channel = await waiting()
    await expect(wait(channel, AbortSignal.abort(enough))).rejects.toBe(enough)
  })

  it.each(WAITS)(
    'for %s is told the reason of a signal that aborts then, and listens no more',
    async (_, wait) => {
      const channel = await waiting()
      const { signal, abort, listeners } = countedSignal()
      const outcome = expect(wait(channel, signal)).rejects.toBe(enough)
      for (let i = 0; i < 20; i++) await Promise.resolve()
      expect(listeners()).toBe(1)
      abort(enough)
      await outcome
      expect(listeners()).toBe(0)
    },
  )

  it('for what comes listens to the signal no more', async () => {
    const { channel, pass } = await openFake()
    const { signal, listeners } = countedSignal()
    const handle = channel.send(hello)
    const waits = [
      channel.ready(1, { signal }),
      channel.history({ signal }),
      handle.wrapped({ signal }),
      handle.accepted({ signal }),
      handle.deliveredToAll([channel.senderId], { signal }),
    ]
    await pass(100)
    await Promise.all(waits)
    expect(listeners()).toBe(0)
  })
})

describe('a message with a signal', () => {
  it('is let go of by it once its outcome is known', async () => {
    const { channel, pass } = await openFake()
    const { signal, listeners } = countedSignal()
    expect(() => channel.send(hello, { signal: AbortSignal.abort(enough) })).toThrow(enough)
    channel.send(hello, { signal, ephemeral: true })
    expect(listeners()).toBe(1)
    await pass(1_000)
    expect(listeners()).toBe(1)
    await channel.close()
    expect(listeners()).toBe(0)
  })
})

describe('opening', () => {
  const slowly = (slow: 'subscribe' | 'store') => {
    const transport = fakeTransport()
    if (slow === 'subscribe') transport.subscribe = forever
    const store = Object.assign(memoryStore(), { get: forever<undefined>, write: forever<void> })
    return { ...team, transport, ...(slow === 'store' && { store }) }
  }
  const OPENERS = [
    ['openChannel', openChannel],
    [
      'create',
      ({ transport, store, ...options }: Parameters<typeof openChannel>[0]) =>
        new ReliableChannelManager({ transport, ...(store && { store }) }).create(options),
    ],
  ] as const

  it.each(OPENERS)('by %s rejects with the reason of a signal that has aborted', async (_, open) => {
    const options = slowly('subscribe')
    await expect(open({ ...options, signal: AbortSignal.abort(enough) })).rejects.toBe(enough)
    expect(options.transport.calls).toEqual([])
  })

  it.each(
    OPENERS.flatMap(([name, open]) => [[name, 'subscribe', open] as const, [name, 'store', open] as const]),
  )(
    'by %s rejects with the reason of a signal that aborts while %s is waited for, and may be tried again',
    async (_, slow, open) => {
      const options = slowly(slow)
      const { signal, abort, listeners } = countedSignal()
      const outcome = expect(open({ ...options, signal })).rejects.toBe(enough)
      for (let i = 0; i < 20; i++) await Promise.resolve()
      abort(enough)
      await outcome
      expect(listeners()).toBe(0)
      const again = await openChannel({
        ...team,
        transport: fakeTransport(),
        signal: new AbortController().signal,
      })
      await again.close()
    },
  )

  it('leaves nothing open: a subscription that comes about after the signal has aborted is ended', async () => {
    const transport = fakeTransport()
    const subscribed = Promise.withResolvers<void>()
    transport.onSubscribe = () => subscribed.promise
    const { signal, abort } = countedSignal()
    const outcome = expect(openChannel({ ...team, transport, signal })).rejects.toBe(enough)
    for (let i = 0; i < 20; i++) await Promise.resolve()
    abort(enough)
    await outcome
    subscribed.resolve()
    for (let i = 0; i < 20; i++) await Promise.resolve()
    expect(transport.calls).toEqual([`subscribe ${team.contentTopic}`, `unsubscribe ${team.contentTopic}`])
  })

  it('is over for a signal that aborts later', async () => {
    const { signal, abort, listeners } = countedSignal()
    const { channel } = await openFake({ signal })
    expect(listeners()).toBe(0)
    abort(enough)
    expect(() => channel.send(hello)).not.toThrow()
  })

  it('refuses what is no signal', async () => {
    await expect(openFake({ signal: {} as never })).rejects.toThrow(
      '"signal.throwIfAborted" expected a function',
    )
  })
})

describe('tabs', () => {
  it('listen to the signal no more once the channel is open', async () => {
    const { open } = setUpTabs()
    const { signal, listeners, abort } = countedSignal()
    const { chat } = await open({}, { signal })
    expect(listeners()).toBe(0)
    abort(enough)
    expect(chat.role).toBe('leader')
  })

  it('are told the reason of a signal that aborts while the channel is opened, and leave the lead to others', async () => {
    const { open, pass } = setUpTabs()
    const { signal, listeners, abort } = countedSignal()
    const outcome = expect(open({}, { open: forever, signal })).rejects.toBe(enough)
    await pass(100)
    abort(enough)
    await pass(100)
    await outcome
    expect(listeners()).toBe(0)
    // What it has begun to open is waited for, and closed.
    await pass(61_000)
    expect((await open()).chat.role).toBe('leader')
  })

  it('hand a signal on to what they open, so that others need not wait for it', async () => {
    const { open, pass } = setUpTabs()
    const { signal, abort } = countedSignal()
    const opening: TabsOptions['open'] = (_, ends) =>
      new Promise((__, reject) => ends.addEventListener('abort', () => reject(ends.reason)))
    const outcome = expect(open({}, { open: opening, signal })).rejects.toBe(enough)
    await pass(100)
    abort(enough)
    await pass(100)
    await outcome
    // Within the ten seconds that this waits.
    expect((await open()).chat.role).toBe('leader')
  })

  it.each([
    ['ready', (chat, signal) => chat.ready(1, { signal })],
    ['history', (chat, signal) => chat.history({ signal })],
  ] satisfies [string, Wait][])(
    'are told of a signal that aborts while %s is waited for',
    async (_, wait) => {
      const { open, pass } = setUpTabs()
      await open({ maxOpenRequests: 1 })
      const { chat } = await open()
      chat.send(hello)
      await pass(100)
      await expect(wait(chat, AbortSignal.abort(enough))).rejects.toBe(enough)
      const { signal, listeners, abort } = countedSignal()
      const outcome = expect(wait(chat, signal)).rejects.toBe(enough)
      await Promise.resolve()
      abort(enough)
      await outcome
      expect(listeners()).toBe(0)
    },
  )
})
