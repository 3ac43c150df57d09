import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { openFake, team } from '../../test/open-fake.ts'
import { fakeTransport } from '../../test/fake-transport.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'
import {
  type ChannelOptions,
  type NodeOptions,
  type ReliableChannel,
  ReliableChannelManager,
  openChannel,
} from '../index.ts'

const EPOCH_MS = 1_000

/** Sends message after message, each when `ready` says so; all must be taken, and arrive. */
async function sendAll(
  options: Partial<ChannelOptions & Pick<NodeOptions, 'rateLimit'>>,
  sizes: readonly number[],
  ready: (channel: ReliableChannel, size: number) => Promise<void> = (channel) => channel.ready(),
): Promise<{ errors: unknown[]; received: number[]; mostOpen: number }> {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed: 3, scheduler, loss: 0.1, latencyMs: 50 })
  const open = (senderId: string): Promise<ReliableChannel> =>
    openChannel({
      ...team,
      ...options,
      senderId,
      transport: network.peer(senderId),
      scheduler,
      randomBytes: seededBytes(3, senderId),
    })
  const alice = await open('alice')
  const bob = await open('bob')
  const received: number[] = []
  bob.incoming$.subscribe(({ payload }) => received.push(payload.length))
  const errors: unknown[] = []
  let mostOpen = 0
  alice.events$.subscribe((event) => {
    if (event.type.endsWith('error')) errors.push(event)
  })
  const produce = async (): Promise<void> => {
    for (const size of sizes) {
      await ready(alice, size)
      alice.send(new Uint8Array(size).fill(1))
      mostOpen = Math.max(mostOpen, alice.requests.length)
    }
  }
  produce().catch((error: unknown) => errors.push(error))
  await scheduler.run({
    until: () => errors.length > 0 || (received.length === sizes.length && alice.requests.length === 0),
    maxMs: 1_000 * EPOCH_MS,
  })
  await Promise.all([alice.close(), bob.close()])
  return { errors, received, mostOpen }
}

describe('a single producer who waits for ready()', () => {
  const many = Array.from({ length: 60 }, (_, i) => 1 + ((i * 37) % 400))

  it.each([
    ['the number of messages that SDS keeps', { sds: { maxOutgoing: 8 } }],
    ['the bytes that SDS keeps', { sds: { maxOutgoingBytes: 3_000 } }],
    ['the number of open requests', { maxOpenRequests: 3 }],
    ['the bytes of open requests', { maxOpenBytes: 700 }],
    [
      'the number of frames that wait in the rate limit',
      { rateLimit: { enabled: true, epochMs: EPOCH_MS, messagesPerEpoch: 10, maxQueued: 8 } },
    ],
    [
      'the bytes that wait in the rate limit',
      { rateLimit: { enabled: true, epochMs: EPOCH_MS, messagesPerEpoch: 10, maxQueuedBytes: 900 } },
    ],
    [
      'all of them, with parity',
      {
        parityRate: 0.5,
        maxOpenBytes: 2_000,
        sds: { maxOutgoing: 30, maxOutgoingBytes: 9_000 },
        rateLimit: {
          enabled: true,
          epochMs: EPOCH_MS,
          messagesPerEpoch: 30,
          maxQueued: 40,
          maxQueuedBytes: 9_000,
        },
      },
    ],
  ])('never finds the queue full, whatever the size of the message: %s', async (_name, options) => {
    const { errors, received } = await sendAll({ segmentSizeBytes: 192, ...options }, many)
    expect(errors).toEqual([])
    expect(received).toEqual(many)
  })

  it('need not wait for more room than the message takes that he names', async () => {
    const options = { segmentSizeBytes: 192, sds: { maxOutgoing: 8 } }
    const small = Array.from({ length: 30 }, () => 10)
    const { errors, received, mostOpen } = await sendAll(options, small, (channel, size) =>
      channel.ready(size),
    )
    expect(errors).toEqual([])
    expect(received).toEqual(small)
    expect(mostOpen).toBeGreaterThanOrEqual(8)
  })
})

describe('a channel whose SDS holds all that it may', () => {
  it('refuses another message at once, and says when there is room again', async () => {
    const { channel, transport, pass } = await openFake({ sds: { maxOutgoing: 2 } })
    const payload = Uint8Array.of(1)
    channel.send(payload)
    channel.send(payload)
    expect(() => channel.send(payload)).toThrow(/2 segments are unacknowledged, "sds.maxOutgoing" allows 2/)
    // An ephemeral message, which nobody acknowledges, is not kept.
    channel.send(payload, { ephemeral: true })
    await pass()
    expect(() => channel.send(payload)).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_FULL' }) as Error)
    transport.confirm('m0')
    let ready = false
    void channel.ready(1).then(() => (ready = true))
    await pass(1_000)
    expect(ready).toBe(false)
    // Given up at last.
    await pass(1_000_000)
    transport.confirm('m1')
    await pass(1_000_000)
    expect(ready).toBe(true)
    await channel.close()
  })

  it('ends the wait when it is closed', async () => {
    const { channel, pass } = await openFake({ sds: { maxOutgoing: 1 } })
    channel.send(Uint8Array.of(1))
    await pass()
    const ready = channel.ready()
    const outcome = expect(ready).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await channel.close()
    await outcome
  })

  it('ends the wait for a rate limit that another channel fills', async () => {
    const scheduler = virtualTime()
    const manager = new ReliableChannelManager({
      transport: fakeTransport(),
      scheduler,
      rateLimit: { messagesPerEpoch: 1, maxQueued: 2 },
    })
    const [busy, idle] = [
      await manager.create({ ...team, channelId: 'busy' }),
      await manager.create({ ...team, channelId: 'idle' }),
    ]
    for (let i = 0; i < 2; i++) busy.send(Uint8Array.of(i))
    await scheduler.run({ maxMs: 10 })
    busy.send(Uint8Array.of(2))
    let outcome: unknown = 'waiting'
    void idle.ready(1).catch((error: unknown) => (outcome = error))
    await scheduler.run({ maxMs: 10 })
    expect(outcome).toBe('waiting')
    await idle.close()
    await scheduler.run({ maxMs: 10 })
    expect(outcome).toMatchObject({ code: 'ERR_CHANNEL_CLOSED' })
    await manager.closeAll()
  })

  it('says at once when no payload of that size can be sent', async () => {
    const { channel } = await openFake({ segmentSizeBytes: 192 })
    await expect(channel.ready(1_000_000)).rejects.toMatchObject({ code: 'ERR_PAYLOAD_TOO_LARGE' })
    await channel.close()
  })
})
