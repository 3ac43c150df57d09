import { describe, expect, it } from 'vitest'
import { type VirtualTime, virtualTime } from '@reliable-channels/simulator'
import { type Change, type Store, StoreLockedError, memoryStore } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import { type Cipher, xchacha } from '@reliable-channels/encryption'
import { type ChannelEvent, openChannel } from '../index.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { hello, team } from '../../test/open-fake.ts'
import { decode, dump, encode, setUp } from '../../test/restarting.ts'

/** A store over `disk` whose methods can be replaced. */
function over(disk: Store, methods: Partial<Store>): Store {
  return {
    get: (key) => disk.get(key),
    write: (changes) => disk.write(changes),
    entries: (prefix) => disk.entries(prefix),
    close: () => disk.close(),
    ...methods,
  }
}

/** A store whose writes take a while. */
function slow(disk: Map<string, Uint8Array>, scheduler: VirtualTime, ms: number): Store {
  const store = memoryStore(disk)
  return over(store, {
    write: (changes) =>
      // Opening takes no virtual time.
      changes[0]!.key.endsWith('/version')
        ? store.write(changes)
        : new Promise((resolve, reject) => {
            scheduler.schedule(() => void store.write(changes).then(resolve, reject), ms)
          }),
  })
}

/** An id that is a hash, as it stands in keys of SDS. */
const inKey = (messageId: string): string => `~${Buffer.from(messageId, 'hex').toString('base64url')}`

/** Keys, below a prefix, of the entries that hold a text, in the key or in the value. */
function holding(disk: Map<string, Uint8Array>, prefix: string, text: string): string[] {
  return [...disk].flatMap(([key, value]) =>
    key.startsWith(`channel/team/${prefix}`) && (key + decode(value)).includes(text) ? [key] : [],
  )
}

const diagnostics = (events: readonly ChannelEvent[], code: string): ChannelEvent[] =>
  events.filter((event) => event.type === 'diagnostic' && event.code === code)

describe('before anything shows, the store has it', () => {
  it('a message and its place in history, before it is dispatched and accepted', async () => {
    // PER-01
    const { open, pass, scheduler } = setUp()
    const disk = new Map<string, Uint8Array>()
    const alice = await open('alice', slow(disk, scheduler, 5), { segmentSizeBytes: 192 })
    let dispatched = 0
    alice.channel.outgoing$.subscribe(({ messageId, kind }) => {
      if (kind !== 'content') return
      dispatched++
      const [entry] = holding(disk, 'sds/log/', inKey(messageId))
      expect(entry).toBeDefined()
      expect(disk.has(entry!.replace('/log/', '/out/').replace(`/${inKey(messageId)}`, ''))).toBe(true)
    })
    const handle = alice.channel.send(encode('x'.repeat(500)))
    let accepted = false
    void handle.accepted().then(() => {
      accepted = true
      expect(holding(disk, `requests/request/${handle.requestId}`, '')).toHaveLength(1)
    })
    await pass(1)
    expect([dispatched, accepted]).toEqual([0, false])
    await pass(100)
    expect(dispatched).toBeGreaterThan(3)
    expect(accepted).toBe(true)
    alice.kill()
  })

  it('an acknowledgement, before it is reported', async () => {
    // PER-06
    const { open, pass, scheduler } = setUp()
    const disk = new Map<string, Uint8Array>()
    const alice = await open('alice', slow(disk, scheduler, 5))
    const bob = await open('bob', memoryStore())
    const outgoing = (): number => [...disk.keys()].filter((key) => key.includes('/sds/out/')).length
    let reported = 0
    alice.channel.events$.subscribe(({ type }) => {
      if (type !== 'reliable:message:delivered') return
      reported++
      expect(outgoing()).toBe(0)
    })
    alice.channel.send(hello)
    await pass(50)
    expect(outgoing()).toBe(1)
    await pass(10_000)
    expect(reported).toBe(1)
    expect([...disk.keys()].filter((key) => key.includes('/requests/'))).toEqual([])
    alice.kill()
    bob.kill()
  })

  it('a message that was received, before its handler is called', async () => {
    const { open, pass, scheduler } = setUp()
    const disk = new Map<string, Uint8Array>()
    const alice = await open('alice', memoryStore(), { segmentSizeBytes: 192 })
    const segments: string[] = []
    alice.channel.outgoing$.subscribe(({ kind, messageId }) => kind === 'content' && segments.push(messageId))
    let handled = 0
    const bob = await open('bob', slow(disk, scheduler, 5), {
      handler: () => {
        handled++
        expect(holding(disk, 'inbox/m', 'all of it')).toHaveLength(1)
        expect(holding(disk, 'sds/log/', inKey(segments.at(-1)!))).toHaveLength(1)
        expect(holding(disk, 'segments/s', '')).toEqual([])
      },
    })
    alice.channel.send(encode(`all of it${'.'.repeat(500)}`))
    await pass(10_000)
    expect(handled).toBe(1)
    alice.kill()
    bob.kill()
  })

  it('a segment that is still sealed, until the cipher has opened it', async () => {
    const { open, pass, scheduler } = setUp()
    const inner = xchacha({ key: new Uint8Array(32).fill(1) })
    let opening = 0
    const slowly: Cipher = {
      id: 'slow',
      overheadBytes: inner.overheadBytes,
      seal: (plain, context) => inner.seal(plain, context),
      open: (sealed, context) =>
        new Promise((resolve) => {
          opening++
          scheduler.schedule(() => resolve(inner.open(sealed, context)), 1_000)
        }),
    }
    const sealed = { placement: 'content', segmentSizeBytes: 192 } as const
    const disk = memoryStore()
    const alice = await open('alice', memoryStore(), { ...sealed, cipher: inner })
    const bob = await open('bob', disk, { ...sealed, cipher: slowly })
    const text = 'sealed '.repeat(60)
    alice.channel.send(encode(text))
    await pass(2_500)
    expect(opening).toBeGreaterThan(0)
    expect(bob.received).toEqual([])
    expect((await dump(disk, 'channel/team/sealed/')).size).toBeGreaterThan(1)
    // SDS counts all of them as delivered, so nothing comes again from the network.
    bob.kill()
    const again = await open('bob', disk, { ...sealed, cipher: inner })
    await pass(100)
    expect(again.received).toEqual([text])
    expect((await dump(disk, 'channel/team/sealed/')).size).toBe(0)
    alice.kill()
    again.kill()
  })
})

describe('while the store fails', () => {
  it('messages flow, it is reported, accepted() waits, and the store catches up', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    let failing = false
    const store = over(disk, {
      write: (changes: readonly Change[]) =>
        failing ? Promise.reject(new Error('disk full')) : disk.write(changes),
    })
    const alice = await open('alice', store)
    const bob = await open('bob', memoryStore())
    failing = true
    const handle = alice.channel.send(encode('1'))
    let accepted = false
    void handle.accepted().then(() => (accepted = true))
    await pass(1_000)
    bob.channel.send(encode('2'))
    await pass(20_000)
    expect(bob.received).toEqual(['1'])
    expect(alice.received).toEqual(['2'])
    expect(accepted).toBe(false)
    const [first] = diagnostics(alice.events, 'store-failed')
    expect(first).toMatchObject({ detail: { attempt: 1, retryMs: 100 } })
    failing = false
    await pass(10_000)
    expect(accepted).toBe(true)
    alice.kill()
    const again = await open('alice', disk)
    await pass(60_000)
    expect(again.received).toEqual([])
    again.kill()
    bob.kill()
  })

  it('closing tries once more, and says what was given up', async () => {
    const { open, pass } = setUp()
    const disk = memoryStore()
    let failing = false
    const alice = await open(
      'alice',
      over(disk, {
        write: (changes) => (failing ? Promise.reject(new Error('disk full')) : disk.write(changes)),
      }),
    )
    failing = true
    alice.channel.send(hello)
    await pass(1_000)
    await expect(alice.channel.close()).rejects.toThrow('disk full')
    // The id is free again.
    failing = false
    const again = await open('alice', disk)
    again.kill()
    alice.kill()
  })
})

describe('a store that cannot be loaded', () => {
  const opening = (store: Store) => {
    const transport = fakeTransport()
    return { transport, opened: openChannel({ ...team, transport, store, scheduler: virtualTime() }) }
  }

  it('is an error at open, and nothing is subscribed', async () => {
    const broken = new Error('no such disk')
    for (const methods of [
      { get: () => Promise.reject(broken) },
      {
        entries: () => {
          throw broken
        },
      },
      { write: () => Promise.reject(broken) },
    ]) {
      const { transport, opened } = opening(over(memoryStore(), methods))
      await expect(opened).rejects.toMatchObject({
        code: 'ERR_STORE_LOAD',
        message: expect.stringMatching(/^the store failed to load .+: no such disk$/) as string,
        cause: broken,
      })
      expect(transport.calls).toEqual([])
    }
  })

  it('is refused when a newer version wrote it', async () => {
    const disk = memoryStore()
    await disk.write([{ key: 'channel/team/version', value: Uint8Array.of(2) }])
    const { opened } = opening(disk)
    await expect(opened).rejects.toMatchObject({
      code: 'ERR_STORE_VERSION',
      message: 'the store has version 2, this library reads up to 1: update the library',
    })
  })

  it('is told apart when somebody else holds it', async () => {
    const locked = new StoreLockedError('the store is open elsewhere')
    const { opened } = opening(over(memoryStore(), { get: () => Promise.reject(locked) }))
    await expect(opened).rejects.toBe(locked)
  })
})

describe('a corrupt entry', () => {
  it('of any part costs no more than itself, and is reported to whoever opened the channel', async () => {
    const { open, pass, network } = setUp()
    const disk = memoryStore()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', disk)
    alice.channel.send(encode('1'))
    await pass(20_000)
    bob.kill()
    const parts = ['sds/log/zz', 'segments/s0', 'inbox/m9', 'heard/last']
    await disk.write(parts.map((key) => ({ key: `channel/team/${key}`, value: Uint8Array.of(250, 1, 2) })))
    const again = await open('bob', disk)
    network.heal()
    alice.channel.send(encode('2'))
    await pass(20_000)
    expect(again.received).toEqual(['2'])
    const told = again.events.flatMap((event) =>
      event.type === 'diagnostic' && event.code === 'store-corrupt'
        ? [`${event.detail.part}/${event.detail.key}`]
        : [],
    )
    expect(told.sort()).toEqual([...parts].sort())
    alice.kill()
    again.kill()
  })
})

describe('a slow subscription', () => {
  it('finds what is to be sent again still there', async () => {
    const { open, pass, network, scheduler } = setUp()
    const disk = memoryStore()
    const paced = { rateLimit: { enabled: true, epochMs: 60_000, messagesPerEpoch: 1 } }
    const alice = await open('alice', disk, paced)
    const bob = await open('bob', memoryStore())
    alice.channel.send(encode('1'))
    alice.channel.send(encode('2'))
    await pass(100)
    alice.kill()
    const peer = network.peer('alice')
    const transport: Transport = {
      send: (envelope) => peer.send(envelope),
      events$: peer.events$,
      messages$: peer.messages$,
      connection$: peer.connection$,
      maxMessageBytes: peer.maxMessageBytes,
      unsubscribe: (topic) => peer.unsubscribe(topic),
      subscribe: (topic) =>
        new Promise((resolve) => {
          scheduler.schedule(() => void peer.subscribe(topic).then(resolve), 1_000)
        }),
    }
    const opening = open('alice', disk, { transport })
    await pass(2_000)
    const again = await opening
    await pass(5_000)
    expect(bob.received).toEqual(['1', '2'])
    again.kill()
    bob.kill()
  })
})
