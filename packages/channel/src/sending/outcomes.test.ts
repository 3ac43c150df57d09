import { describe, expect, it } from 'vitest'
import { openFake } from '../../test/open-fake.ts'

describe('a message of three segments', () => {
  it('is delivered once every one of them is acknowledged, and says by whom', async () => {
    // ACK-09
    const alice = await openFake({ segmentSizeBytes: 192, sds: { periodicSyncMs: 0 } })
    const bob = await openFake({ segmentSizeBytes: 192, sds: { periodicSyncMs: 0 }, senderId: 'bob' })
    const handle = alice.channel.send(new Uint8Array(3 * 64).fill(7))
    await alice.pass(0)
    const segments = alice.transport.sent.slice()
    expect(segments).toHaveLength(3)
    alice.transport.confirm('m0', 'm1', 'm2')

    /** Bob gets a segment, and his acknowledgement comes back. */
    const acknowledge = async (segment: (typeof segments)[number]): Promise<void> => {
      const before = bob.transport.sent.length
      bob.transport.deliver(segment)
      await bob.pass(2_000)
      expect(bob.transport.sent).toHaveLength(before + 1)
      alice.transport.deliver(bob.transport.sent.at(-1)!)
    }
    const delivered = (): string[] => alice.told().filter((event) => event.includes('delivered'))

    await acknowledge(segments[0]!)
    await acknowledge(segments[1]!)
    expect(handle.status).toMatchObject({ state: 'sent', segments: { acknowledged: 2 } })
    expect(delivered()).toEqual([])
    await acknowledge(segments[2]!)
    expect(delivered()).toEqual([`reliable:message:delivered ${handle.requestId}`])
    await expect(handle.delivered()).resolves.toBeDefined()
    expect(handle.status).toMatchObject({ state: 'delivered', deliveredTo: ['bob'] })
    await alice.channel.close()
    await bob.channel.close()
  })
})
