import { seededRandom, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { seededBytes } from '../../test/seeded-bytes.ts'
import { type ReliableChannel, ReliableChannelManager } from '../index.ts'

/** The specification's defaults: one message in ten minutes. */
const EPOCH_MS = 600_000

interface Conversation {
  readonly seed: number
  readonly members: number
  readonly messages: number
  /** Each says something at a random moment in each such time; 0: all of it at once. */
  readonly everyEpochs: number
  readonly loss: number
}

/** The result of a conversation under the tightest quota. */
interface Outcome {
  readonly dispatched: Readonly<Record<string, number>>
  readonly mostInAnEpoch: number
  /** Epochs until all was delivered. */
  readonly epochs: number
  /** Epochs from sending to delivery, sorted. */
  readonly delays: readonly number[]
  readonly received: readonly number[]
  readonly lost: number
}

async function converse({ seed, members, messages, everyEpochs, loss }: Conversation): Promise<Outcome> {
  const scheduler = virtualTime()
  const startMs = scheduler.now()
  const network = simulatedNetwork({ seed, scheduler, loss, latencyMs: 50, jitterMs: 100 })
  const random = seededRandom(seed, 'conversation')
  const dispatched: Record<string, number> = { content: 0, sync: 0, retransmission: 0, repair: 0 }
  const perEpoch = new Map<string, number>()
  network.traffic$.subscribe(({ type, from, atMs }) => {
    if (type !== 'sent') return
    const key = `${from} ${Math.floor(atMs / EPOCH_MS)}`
    perEpoch.set(key, (perEpoch.get(key) ?? 0) + 1)
  })
  const received: number[] = []
  const delays: number[] = []
  let lost = 0
  const channels: ReliableChannel[] = []
  for (let member = 0; member < members; member++) {
    const senderId = `member-${member}`
    const manager = new ReliableChannelManager({
      transport: network.peer(senderId),
      scheduler,
      randomBytes: seededBytes(seed, senderId),
      rateLimit: { enabled: true, epochMs: EPOCH_MS, messagesPerEpoch: 1 },
    })
    const channel = await manager.create({ channelId: 'chat', contentTopic: '/app/1/chat/proto', senderId })
    received.push(0)
    channel.outgoing$.subscribe(({ kind }) => dispatched[kind]!++)
    channel.incoming$.subscribe(() => received[member]!++)
    channel.events$.subscribe((event) => {
      if (event.type === 'diagnostic' && event.code === 'lost') lost++
    })
    channels.push(channel)
    for (let i = 0; i < messages; i++) {
      const after = 1_000 + (i + random()) * everyEpochs * EPOCH_MS
      scheduler.schedule(() => {
        const sentAt = scheduler.now()
        const handle = channel.send(new TextEncoder().encode(`${senderId} says ${i}`))
        void handle.delivered().then(() => delays.push((scheduler.now() - sentAt) / EPOCH_MS))
      }, after)
    }
  }
  const all = members * messages
  const until = async (done: () => boolean): Promise<void> => {
    await scheduler.run({ until: done, maxMs: 200 * EPOCH_MS })
  }
  await until(() => delays.length === all)
  const epochs = (scheduler.now() - startMs) / EPOCH_MS
  const atDelivery = { ...dispatched }
  await until(() => received.every((count) => count === all - messages))
  await Promise.all(channels.map((channel) => channel.close()))
  delays.sort((a, b) => a - b)
  const mostInAnEpoch = Math.max(...perEpoch.values())
  return { dispatched: atDelivery, mostInAnEpoch, epochs, delays, received, lost }
}

describe('under one message in ten minutes', () => {
  // RTL-05 SYN-09
  it.each([
    { members: 2, messages: 20 },
    { members: 3, messages: 20 },
    { members: 8, messages: 10 },
  ])(
    'members who all have much to say spend nearly the whole quota on it: $members of them',
    async ({ members, messages }) => {
      const { dispatched, mostInAnEpoch, epochs, received } = await converse({
        seed: 1,
        members,
        messages,
        everyEpochs: 0,
        loss: 0,
      })
      const all = Object.values(dispatched).reduce((sum, count) => sum + count, 0)
      expect(dispatched.content).toBe(members * messages)
      expect(dispatched.content! / all, JSON.stringify(dispatched)).toBeGreaterThan(0.8)
      // One epoch each, and two until the last is acknowledged.
      expect(epochs).toBeLessThan(messages + 2)
      expect(mostInAnEpoch).toBe(1)
      expect(received).toEqual(received.map(() => (members - 1) * messages))
    },
  )

  it.each([1, 2, 3])(
    'acknowledgements take only what content leaves, so that a quiet conversation does not wait for them (seed %i)',
    async (seed) => {
      const { delays, dispatched, mostInAnEpoch } = await converse({
        seed,
        members: 3,
        messages: 15,
        everyEpochs: 2,
        loss: 0,
      })
      expect(delays).toHaveLength(45)
      expect(delays[22], JSON.stringify(dispatched)).toBeLessThan(1)
      expect(delays.at(-1)).toBeLessThan(3)
      expect(dispatched.retransmission).toBe(0)
      expect(mostInAnEpoch).toBe(1)
    },
  )

  it.each([1, 2, 3])(
    'a lossy network loses nothing for good, and costs little more (seed %i)',
    async (seed) => {
      const { dispatched, mostInAnEpoch, epochs, received, lost } = await converse({
        seed,
        members: 3,
        messages: 20,
        everyEpochs: 0,
        loss: 0.2,
      })
      expect(received).toEqual([40, 40, 40])
      expect(lost).toBe(0)
      expect(epochs, JSON.stringify(dispatched)).toBeLessThan(30)
      expect(mostInAnEpoch).toBe(1)
    },
  )
})

describe('under twenty messages in ten minutes', () => {
  // SYN-09
  it.each([1, 2, 3])(
    'tasks and their results take no retransmission, and an hour of silence few messages (seed %i)',
    async (seed) => {
      const scheduler = virtualTime()
      const network = simulatedNetwork({ seed, scheduler, latencyMs: 100, jitterMs: 100 })
      const dispatched: Record<string, number> = { content: 0, sync: 0, retransmission: 0, repair: 0 }
      const join = async (senderId: string): Promise<ReliableChannel> => {
        const manager = new ReliableChannelManager({
          transport: network.peer(senderId),
          scheduler,
          randomBytes: seededBytes(seed, senderId),
          rateLimit: { enabled: true, epochMs: EPOCH_MS, messagesPerEpoch: 20 },
        })
        const channel = await manager.create({
          channelId: 'work',
          contentTopic: '/app/1/work/proto',
          senderId,
        })
        channel.outgoing$.subscribe(({ kind }) => dispatched[kind]!++)
        return channel
      }
      const alice = await join('alice')
      const bob = await join('bob')
      let delivered = 0
      const send = (channel: ReliableChannel, payload: Uint8Array): void =>
        void channel
          .send(payload)
          .delivered()
          .then(() => delivered++)
      bob.incoming$.subscribe(({ payload }) => scheduler.schedule(() => send(bob, payload), 2_000))
      alice.incoming$.subscribe(() => {})
      const startedAt = scheduler.now()
      for (let i = 0; i < 30; i++) send(alice, Uint8Array.of(i))
      await scheduler.run({ until: () => delivered === 60, maxMs: 20 * EPOCH_MS })
      expect(delivered).toBe(60)
      expect(dispatched).toMatchObject({ content: 60, retransmission: 0 })
      // As the README says: within 4 minutes, with three acknowledging messages at most, and about ten in an idle hour.
      expect((scheduler.now() - startedAt) / 60_000).toBeLessThanOrEqual(4)
      expect(dispatched.sync).toBeLessThanOrEqual(3)
      const before = dispatched.sync!
      await scheduler.run({ maxMs: 6 * EPOCH_MS })
      expect(Math.abs(dispatched.sync! - before - 10)).toBeLessThanOrEqual(2)
      await Promise.all([alice.close(), bob.close()])
    },
  )
})
