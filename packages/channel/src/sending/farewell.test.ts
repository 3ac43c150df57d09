import { fromHook } from '@reliable-channels/encryption'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import { fakeTransport } from '../../test/fake-transport.ts'
import { type OpenFake, hello, openFake, team } from '../../test/open-fake.ts'
import { type ChannelOptions, type NodeOptions, ReliableChannelManager, openChannel } from '../index.ts'

type Options = Partial<NodeOptions & ChannelOptions>

const quiet = { sds: { periodicSyncMs: 0 } }
const quota = (messagesPerEpoch: number) => ({ rateLimit: { epochMs: 600_000, messagesPerEpoch } })

/** Alice has said something, and it has just come to Bob. */
async function heard(options: Options = {}): Promise<{ alice: OpenFake; bob: OpenFake }> {
  const alice = await openFake(quiet)
  const bob = await openFake({ ...quiet, senderId: 'bob', ...options })
  alice.channel.send(hello)
  await alice.pass()
  bob.transport.deliver(alice.transport.sent[0]!)
  await bob.pass(0)
  return { alice, bob }
}

/** Brings all that Bob has sent to Alice, and tells whether she knows now that he has her message. */
async function isAcknowledged({ alice, bob }: { alice: OpenFake; bob: OpenFake }): Promise<boolean> {
  for (const envelope of bob.transport.sent) alice.transport.deliver(envelope)
  await alice.pass(0)
  const isDelivered = alice.told().some((event) => event.startsWith('reliable:message:delivered'))
  await alice.channel.close()
  return isDelivered
}

describe('closing a channel that has received something', () => {
  it('acknowledges it, without any time passing', async () => {
    const both = await heard()
    await both.bob.channel.close()
    expect(both.bob.transport.sent).toHaveLength(1)
    await expect(isAcknowledged(both)).resolves.toBe(true)
  })

  it('acknowledges it in every profile, sealed as everything is, with a store and a quota', async () => {
    const cipher = fromHook(
      { encrypt: async (bytes) => Uint8Array.of(1, ...bytes), decrypt: async (bytes) => bytes.subarray(1) },
      { overheadBytes: 1 },
    )
    for (const placement of ['envelope', 'content'] as const) {
      const sealed = { ...quiet, cipher, placement }
      const alice = await openFake(sealed)
      const bob = await openFake({ ...sealed, senderId: 'bob', store: memoryStore(), ...quota(1) })
      alice.channel.send(hello)
      await alice.pass()
      bob.transport.deliver(alice.transport.sent[0]!)
      await bob.pass()
      await bob.channel.close()
      expect(bob.transport.sent).toHaveLength(1)
      expect(bob.transport.sent[0]!.payload[0] === 1).toBe(placement === 'envelope')
      await expect(isAcknowledged({ alice, bob })).resolves.toBe(true)
    }
  })

  it('says so once, however often it is closed', async () => {
    const { alice, bob } = await heard()
    await Promise.all([bob.channel.close(), bob.channel[Symbol.asyncDispose]()])
    await bob.channel.close()
    expect(bob.transport.sent).toHaveLength(1)
    await alice.channel.close()
  })

  it('says so when it is disposed of', async () => {
    const both = await heard()
    {
      await using channel = both.bob.channel
      expect(channel.senderId).toBe('bob')
    }
    await expect(isAcknowledged(both)).resolves.toBe(true)
  })

  it('says so when the handler of the message closes it', async () => {
    const alice = await openFake(quiet)
    const bob = await openFake({ ...quiet, senderId: 'bob', store: memoryStore() })
    let closing: Promise<void> | undefined
    bob.channel.incoming$.subscribe(() => {
      closing = bob.channel.close()
    })
    alice.channel.send(hello)
    await alice.pass()
    bob.transport.deliver(alice.transport.sent[0]!)
    await bob.pass(0)
    await closing
    await expect(isAcknowledged({ alice, bob })).resolves.toBe(true)
  })

  it('says what a message of its own was to say that has not left', async () => {
    const { alice, bob } = await heard({ maxConcurrentSends: 1 })
    bob.transport.onSend = () => new Promise(() => {})
    bob.channel.send(hello)
    await bob.pass(100)
    bob.transport.onSend = (_, id) => id
    await bob.channel.close()
    // The frame whose sending hangs may never come.
    bob.transport.sent.shift()
    await expect(isAcknowledged({ alice, bob })).resolves.toBe(true)
  })

  it('says again what a sync message says that the transport has not taken', async () => {
    const alice = await openFake(quiet)
    const bob = await openFake({ ...quiet, senderId: 'bob', maxConcurrentSends: 1 })
    bob.transport.onSend = () => new Promise(() => {})
    bob.channel.send(hello)
    await bob.pass(100)
    alice.channel.send(hello)
    await alice.pass()
    bob.transport.deliver(alice.transport.sent[0]!)
    // The sync message waits for the one that hangs.
    await bob.pass(3_000)
    expect(bob.transport.sent.splice(0)).toHaveLength(1)
    bob.transport.onSend = (_, id) => id
    await bob.channel.close()
    await expect(isAcknowledged({ alice, bob })).resolves.toBe(true)
  })

  it('tells nothing of it', async () => {
    const { alice, bob } = await heard()
    const events = bob.events.length
    const outgoing: string[] = []
    bob.channel.outgoing$.subscribe(({ kind }) => outgoing.push(kind))
    await bob.channel.close()
    expect([bob.events.length, outgoing]).toEqual([events, []])
    await alice.channel.close()
  })
})

describe('closing a channel sends nothing', () => {
  it('when nothing is to be acknowledged', async () => {
    const { channel, transport } = await openFake(quiet)
    await channel.close()
    expect(transport.sent).toEqual([])
  })

  it('when the transport has a sync message that says it', async () => {
    const { alice, bob } = await heard()
    await bob.pass(2_000)
    await bob.channel.close()
    expect(bob.transport.sent).toHaveLength(1)
    await alice.channel.close()
  })

  it('when the network is away', async () => {
    const { alice, bob } = await heard()
    bob.transport.connection$.next('connecting')
    await bob.channel.close()
    expect(bob.transport.sent).toEqual([])
    await alice.channel.close()
  })

  it('when the quota of the epoch is spent', async () => {
    const { alice, bob } = await heard(quota(1))
    bob.channel.send(hello, { ephemeral: true })
    await bob.pass(0)
    await bob.channel.close()
    expect(bob.transport.sent).toHaveLength(1)
    await bob.pass(600_000)
    expect(bob.transport.sent).toHaveLength(1)
    await alice.channel.close()
  })
})

describe('closing a channel ends all the same', () => {
  it('when the transport never takes the last message', async () => {
    const { alice, bob } = await heard()
    bob.transport.onSend = () => new Promise(() => {})
    let closed = false
    const closing = bob.channel.close().then(() => (closed = true))
    await bob.pass(1_999)
    expect(closed).toBe(false)
    await bob.pass(1)
    await closing
    expect(bob.transport.calls.at(-1)).toBe('unsubscribe /app/1/team/proto')
    await alice.channel.close()
  })

  it('when the transport never leaves the topic', async () => {
    const { channel, transport, pass } = await openFake(quiet)
    transport.onUnsubscribe = () => new Promise(() => {})
    let closed = false
    const closing = channel.close().then(() => (closed = true))
    await pass(1_999)
    expect(closed).toBe(false)
    await pass(1)
    await closing
  })

  it('when the transport rejects it, or throws', async () => {
    const refuse = (): never => {
      throw new Error('no')
    }
    for (const onSend of [() => Promise.reject(new Error('no')), refuse]) {
      const { alice, bob } = await heard()
      bob.transport.onSend = onSend
      await bob.channel.close()
      expect(bob.transport.sent).toHaveLength(1)
      await alice.channel.close()
    }
  })

  it('when it cannot be sealed', async () => {
    const fails = (): never => {
      throw new Error('no key')
    }
    const cipher = fromHook({ encrypt: fails, decrypt: (bytes) => bytes }, { overheadBytes: 0 })
    const { alice, bob } = await heard({ cipher })
    await bob.channel.close()
    expect(bob.transport.sent).toEqual([])
    await alice.channel.close()
  })

  it('when the transport has died', async () => {
    const { alice, bob } = await heard()
    bob.transport.connection$.error(new Error('gone'))
    bob.transport.messages$.error(new Error('gone'))
    await bob.pass(0)
    await bob.channel.close()
    expect(bob.transport.sent).toEqual([])
    await alice.channel.close()
  })
})

describe('a node that closes', () => {
  /** A node whose channels have each received a message. */
  async function nodeThatHeard(options: Partial<NodeOptions>): Promise<{
    manager: ReliableChannelManager
    sent: () => string[]
  }> {
    const scheduler = virtualTime()
    const transport = fakeTransport()
    const manager = new ReliableChannelManager({ transport, scheduler, ...options })
    for (const channelId of ['a', 'b', 'c']) {
      const room = { ...team, channelId, contentTopic: `/app/1/${channelId}/proto` }
      await manager.create({ ...room, ...quiet, senderId: 'bob' })
      const other = fakeTransport()
      const alice = await openChannel({ ...room, ...quiet, transport: other, scheduler })
      alice.send(hello)
      await scheduler.advance(0)
      transport.deliver(other.sent[0]!)
      await alice.close()
    }
    return { manager, sent: () => transport.sent.map(({ contentTopic }) => contentTopic) }
  }

  it('acknowledges in each of its channels', async () => {
    const { manager, sent } = await nodeThatHeard({})
    await manager.closeAll()
    expect(sent().toSorted()).toEqual(['/app/1/a/proto', '/app/1/b/proto', '/app/1/c/proto'])
  })

  it('acknowledges in as many as the quota allows', async () => {
    const { manager, sent } = await nodeThatHeard({ ...quota(2), store: memoryStore() })
    await manager[Symbol.asyncDispose]()
    expect(sent()).toHaveLength(2)
  })
})

describe('a receiver that ends after one message', () => {
  it('leaves nobody retransmitting', async () => {
    const scheduler = virtualTime()
    const network = simulatedNetwork({ seed: 7, scheduler, latencyMs: 50 })
    const member = (senderId: string) =>
      openChannel({ ...team, ...quiet, senderId, transport: network.peer(senderId), scheduler })
    const alice = await member('alice')
    const bob = await member('bob')
    bob.incoming$.subscribe(() => void bob.close().then(() => network.peer('bob').close()))
    const kinds: string[] = []
    alice.outgoing$.subscribe(({ kind }) => kinds.push(kind))
    const handle = alice.send(hello)
    await scheduler.advance(60_000)
    expect(kinds).toEqual(['content'])
    expect(handle.status).toMatchObject({ state: 'delivered', deliveredTo: ['bob'] })
    await alice.close()
  })
})
