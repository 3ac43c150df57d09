import { describe, expect, it } from 'vitest'
import { fromHook, xchacha } from '@reliable-channels/encryption'
import {
  type ChannelHealth,
  type ChannelOptions,
  type NodeOptions,
  ReliableChannelManager,
  jsWaku,
  lip,
  logosDelivery,
  logosDeliveryRaw,
} from '../index.ts'
import { hello, openFake, team } from '../../test/open-fake.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { dropped } from '../../test/dropped.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Alice, and bob who gets what the test lets through. */
async function pair(options: Partial<NodeOptions & ChannelOptions> = {}) {
  const alice = await openFake(options)
  const bob = await openFake({ ...options, senderId: 'bob' })
  const received: [senderId: string, payload: string][] = []
  bob.channel.incoming$.subscribe(({ senderId, payload }) => received.push([senderId, text(payload)]))
  return {
    alice,
    bob,
    received,
    async send(payload: string | Uint8Array) {
      const from = alice.transport.sent.length
      alice.channel.send(typeof payload === 'string' ? new TextEncoder().encode(payload) : payload)
      await alice.pass(0)
      return alice.transport.sent.slice(from)
    },
    async close() {
      await alice.channel.close()
      await bob.channel.close()
    },
  }
}

describe('receive', () => {
  it('delivers the payload under the name of its author', async () => {
    // RCV-01 RCV-05 RCV-23
    const { bob, received, send, close } = await pair()
    const [envelope] = await send('hello')
    bob.transport.deliver(envelope!)
    expect(received).toEqual([['alice', 'hello']])
    expect(bob.events).toMatchObject([
      {
        type: 'reliable:message:received',
        channelId: 'team',
        senderId: 'alice',
        late: false,
        ephemeral: false,
      },
    ])
    await close()
  })

  it('drops what has no marker, an empty or another one, before it decodes anything', async () => {
    // RCV-02 RCV-03
    let opened = 0
    const cipher = fromHook(
      {
        encrypt: (bytes) => Uint8Array.of(1, ...bytes),
        decrypt: (bytes) => {
          opened++
          return bytes
        },
      },
      { overheadBytes: 1 },
    )
    const { bob, received, send, close } = await pair({ cipher })
    const [envelope] = await send('hello')
    const { meta: _, ...unmarked } = envelope!
    bob.transport.deliver(unmarked)
    bob.transport.deliver({ ...unmarked, meta: new Uint8Array() })
    bob.transport.deliver({ ...unmarked, meta: new TextEncoder().encode('RELIABLE-CHANNEL-API/2') })
    bob.transport.deliver({ ...unmarked, meta: new TextEncoder().encode('RELIABLE-CHANNEL-API/1 ') })
    bob.transport.deliver({ ...unmarked, contentTopic: '/other/1/a/proto' })
    expect([opened, received, bob.events]).toEqual([0, [], []])
    expect(dropped(bob.channel)).toEqual({ 'foreign-marker': 5 })
    await close()
  })

  it('drops marked messages of another content topic', async () => {
    // RCV-03 RCV-04
    const { bob, received, send, close } = await pair()
    const [envelope] = await send('hello')
    bob.transport.deliver({ ...envelope!, contentTopic: '/app/1/other/proto' })
    expect([received, bob.events]).toEqual([[], []])
    expect(dropped(bob.channel)).toEqual({ 'foreign-topic': 1 })
    await close()
  })

  it('puts the segments together and delivers once', async () => {
    // RCV-06 RCV-18
    const { bob, received, send, close } = await pair({ segmentSizeBytes: 192 })
    const payload = 'x'.repeat(200)
    const envelopes = await send(payload)
    expect(envelopes).toHaveLength(4)
    for (const envelope of envelopes.slice(0, 3)) bob.transport.deliver(envelope)
    expect(received).toEqual([])
    bob.transport.deliver(envelopes[3]!)
    for (const envelope of envelopes) bob.transport.deliver(envelope)
    expect(received).toEqual([['alice', payload]])
    await close()
  })

  it('reports what it cannot decrypt, and stops there', async () => {
    // RCV-07
    const cipher = fromHook(
      {
        encrypt: (bytes) => Uint8Array.of(1, ...bytes),
        decrypt: () => {
          throw new Error('wrong key')
        },
      },
      { overheadBytes: 1 },
    )
    const { bob, received, send, close } = await pair({ cipher })
    const [envelope] = await send('hello')
    bob.transport.deliver(envelope!, 'abc123')
    expect(received).toEqual([])
    expect(bob.events).toMatchObject([
      {
        type: 'diagnostic:message-error',
        requestId: '',
        messageHash: 'abc123',
        error: 'decryption failed: wrong key',
      },
    ])
    await close()
  })

  it('reports what is no SDS message', async () => {
    // RCV-08
    const { bob, send, close } = await pair()
    const [envelope] = await send('hello')
    bob.transport.deliver({ ...envelope!, payload: Uint8Array.of(255, 255, 255) }, 'abc123')
    expect(bob.events).toMatchObject([
      {
        type: 'diagnostic:message-error',
        requestId: '',
        messageHash: 'abc123',
        error: expect.stringMatching(/^SDS handleIncoming failed: /) as string,
      },
    ])
    await close()
  })

  it('delivers once what arrives twice under different hashes', async () => {
    // RCV-09
    const { bob, received, send, close } = await pair()
    const [envelope] = await send('hello')
    bob.transport.deliver(envelope!, 'one')
    bob.transport.deliver(envelope!, 'two')
    expect(received).toHaveLength(1)
    await close()
  })

  it('delivers equal payloads as often as they were sent', async () => {
    // RCV-11
    const { bob, received, send, close } = await pair()
    const [first] = await send('hello')
    const [second] = await send('hello')
    expect(first!.payload).not.toEqual(second!.payload)
    bob.transport.deliver(first!)
    bob.transport.deliver(second!)
    expect(received).toEqual([
      ['alice', 'hello'],
      ['alice', 'hello'],
    ])
    await close()
  })

  it('gives each receiver bytes of its own, whatever the profile, fit for a Blob', async () => {
    for (const profile of [lip, jsWaku, logosDelivery, logosDeliveryRaw]) {
      const { bob, send, close } = await pair({ profile })
      const [envelope] = await send('hello')
      const sizes: number[] = []
      bob.channel.incoming$.subscribe(({ payload }) =>
        sizes.push(payload.buffer.byteLength, new Blob([payload]).size),
      )
      bob.transport.deliver(envelope!)
      expect(sizes, profile.name).toEqual([5, 5])
      await close()
    }
  })

  it('does not report that something was rebuilt when messages merely overtook each other', async () => {
    const { bob, send, close } = await pair()
    const envelopes = [...(await send('1')), ...(await send('2'))]
    for (const envelope of envelopes.toReversed()) bob.transport.deliver(envelope)
    expect(bob.events.filter(({ type }) => type === 'diagnostic')).toMatchObject([{ code: 'missing' }])
    await close()
  })

  it('delivers in causal order', async () => {
    const { bob, received, send, close } = await pair()
    const envelopes = [...(await send('1')), ...(await send('2')), ...(await send('3'))]
    for (const envelope of envelopes.toReversed()) bob.transport.deliver(envelope)
    expect(received.map(([, payload]) => payload)).toEqual(['1', '2', '3'])
    await close()
  })

  it('ignores the messages of another channel on the same topic, and its own echo', async () => {
    // RCV-10 RCV-20
    const { alice, bob, received, send, close } = await pair()
    const stranger = await openFake({ channelId: 'stranger' })
    stranger.channel.send(hello)
    await stranger.pass(0)
    bob.transport.deliver(stranger.transport.sent[0]!)
    const [envelope] = await send('hello')
    alice.transport.deliver(envelope!)
    expect([received, bob.events, alice.events]).toEqual([[], [], []])
    expect(dropped(bob.channel)).toEqual({ 'foreign-channel': 1 })
    await stranger.channel.close()
    await close()
  })

  it('reports a frame on a shared topic only when none of its channels could open it', async () => {
    const transport = fakeTransport()
    const keyed = (key: number) =>
      fromHook(
        {
          encrypt: (bytes) => Uint8Array.of(key, ...bytes),
          decrypt: (bytes) => {
            if (bytes[0] !== key) throw new Error('wrong key')
            return bytes.subarray(1)
          },
        },
        { overheadBytes: 1 },
      )
    const manager = new ReliableChannelManager({ transport })
    const seen: string[] = []
    manager.events$.subscribe((event) => seen.push(`${event.channelId} ${event.type}`))
    manager.incoming$.subscribe()
    await manager.create({ ...team, channelId: 'one', senderId: 'bob', cipher: keyed(1) })
    await manager.create({ ...team, channelId: 'two', senderId: 'bob', cipher: keyed(2) })
    const alice = await openFake({ channelId: 'two', cipher: keyed(2) })
    alice.channel.send(hello)
    await alice.pass(0)
    transport.deliver(alice.transport.sent[0]!)
    expect(seen).toEqual(['two reliable:message:received'])
    transport.deliver({ ...alice.transport.sent[0]!, payload: Uint8Array.of(3, 1, 2) })
    expect(seen.slice(1)).toEqual(['two diagnostic:message-error'])
    await alice.channel.close()
    await manager.closeAll()
  })

  it('leaves the verdict on a frame to all channels of the topic: the one with the wrong key tells, if nobody could', async () => {
    // F7 N7
    const keyed = (fill: number) => xchacha({ key: new Uint8Array(32).fill(fill) })
    const alice = await openFake({ channelId: 'sealed', cipher: keyed(1) })
    alice.channel.send(hello)
    alice.channel.send(hello)
    await alice.pass(0)
    const transport = fakeTransport()
    const manager = new ReliableChannelManager({ transport, scheduler: alice.scheduler })
    const seen: string[] = []
    manager.events$.subscribe((event) => seen.push(`${event.channelId} ${event.type}`))
    manager.incoming$.subscribe()
    const plain = await manager.create({ ...team, channelId: 'plain', senderId: 'bob' })
    const wrong = await manager.create({ ...team, channelId: 'sealed', senderId: 'bob', cipher: keyed(2) })
    const health: ChannelHealth[] = []
    wrong.health$.subscribe((each) => health.push(each))
    transport.deliver(alice.transport.sent[0]!)
    await alice.pass(0)
    expect(seen).toEqual(['sealed diagnostic:message-error'])
    expect(health.at(-1)).toMatchObject({ state: 'unreadable', missing: 0, lost: 0, unreadable: 1 })
    await wrong.close()
    const right = await manager.create({ ...team, channelId: 'sealed', senderId: 'bob', cipher: keyed(1) })
    transport.deliver(alice.transport.sent[0]!)
    transport.deliver(alice.transport.sent[1]!)
    await alice.pass(0)
    expect(seen.slice(1)).toEqual(['sealed reliable:message:received', 'sealed reliable:message:received'])
    expect(dropped(right)).toEqual({})
    expect(dropped(plain)).toEqual({ 'sds-undecodable': 1 })
    const closed = Promise.all([alice.channel.close(), manager.closeAll()])
    await alice.pass(5_000)
    await closed
  })

  it('tells nothing after it was closed', async () => {
    const { bob, received, send, close } = await pair()
    const [envelope] = await send('hello')
    await bob.channel.close()
    bob.transport.deliver(envelope!)
    expect([received, bob.events]).toEqual([[], []])
    await close()
  })
})
