import { describe, expect, it } from 'vitest'
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { ReliableChannelManager } from '../index.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

const EPOCH_MS = 10_000
/** 256 segments of 64 bytes: the largest message there is at this segment size. */
const bulk = new Uint8Array(256 * 64)
const CHATS = 20

describe('one quota for two channels', () => {
  it('leaves the chat of one, and its acknowledgements, a latency of one epoch beside a bulk transfer of the other', async () => {
    // RTL-05 RTL-16
    const scheduler = virtualTime()
    const network = simulatedNetwork({ seed: 11, scheduler })
    const node = (senderId: string): ReliableChannelManager =>
      new ReliableChannelManager({
        transport: network.peer(senderId),
        scheduler,
        randomBytes: seededBytes(11, senderId),
        rateLimit: { enabled: true, epochMs: EPOCH_MS, messagesPerEpoch: 20 },
      })
    const managers = { alice: node('alice'), bob: node('bob') }
    for (const [senderId, manager] of Object.entries(managers)) {
      await manager.create({
        channelId: 'files',
        contentTopic: '/app/1/files/proto',
        senderId,
        segmentSizeBytes: 192,
      })
      await manager.create({ channelId: 'chat', contentTopic: '/app/1/chat/proto', senderId })
    }
    const perEpoch = new Map<number, number>()
    network.traffic$.subscribe(({ type, from, atMs }) => {
      if (type !== 'sent' || from !== 'alice') return
      const epoch = Math.floor(atMs / EPOCH_MS)
      perEpoch.set(epoch, (perEpoch.get(epoch) ?? 0) + 1)
    })
    const arrivedAfterMs: number[] = []
    const acknowledgedAfterMs: number[] = []
    const sentAt: number[] = []
    managers.bob.incoming$.subscribe(({ channelId }) => {
      if (channelId === 'chat') arrivedAfterMs.push(scheduler.now() - sentAt[arrivedAfterMs.length]!)
    })

    const transfer = managers.alice.send('files', bulk)
    for (let i = 0; i < CHATS; i++) {
      scheduler.schedule(
        () => {
          sentAt[i] = scheduler.now()
          const chat = managers.alice.send('chat', Uint8Array.of(i))
          void chat.delivered().then(() => acknowledgedAfterMs.push(scheduler.now() - sentAt[i]!))
        },
        1_000 + i * 6_700,
      )
    }
    await scheduler.run({
      until: () => transfer.status.state === 'delivered' && acknowledgedAfterMs.length === CHATS,
      maxMs: 3_600_000,
    })

    expect(transfer.status.state).toBe('delivered')
    expect(arrivedAfterMs).toHaveLength(CHATS)
    expect(acknowledgedAfterMs).toHaveLength(CHATS)
    // One epoch, the way there, and for the acknowledgement its own delay of up to two seconds and the way back.
    expect(Math.max(...arrivedAfterMs)).toBeLessThanOrEqual(EPOCH_MS + 10)
    expect(Math.max(...acknowledgedAfterMs)).toBeLessThanOrEqual(2 * EPOCH_MS + 2_020)
    expect(Math.max(...perEpoch.values())).toBeLessThanOrEqual(20)
    await Promise.all([managers.alice.closeAll(), managers.bob.closeAll()])
  })
})
