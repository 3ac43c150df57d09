import { describe, expect, it } from 'vitest'
import { type TrafficEvent, simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { openChannel } from '../index.ts'
import { team } from '../../test/open-fake.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

const ROUNDS = 200
/** Eight data segments of 64 bytes. */
const payload = new Uint8Array(8 * 64).map((_, i) => i)
/** Nothing but parity helps. */
const noRepair = {
  // Given, so that what a filter shows to be lost is not sent again either.
  acknowledgementTimeoutMs: 5_000,
  maxRetransmissions: 0,
  repair: { enabled: false },
  periodicSyncMs: 0,
  lostAfterMs: Infinity,
}

/** One message in a fresh channel; tells whether it came, and when what arrived was enough. */
async function round(seed: number, parityRate: number) {
  const scheduler = virtualTime()
  const network = simulatedNetwork({ seed, loss: 0.25, latencyMs: 10, jitterMs: 5, scheduler })
  const arrivals: TrafficEvent[] = []
  network.traffic$.subscribe((event) => {
    if (event.type === 'delivered' && event.from === 'alice' && event.to === 'bob') arrivals.push(event)
  })
  const open = (senderId: string) => {
    const transport = network.peer(senderId)
    const randomBytes = seededBytes(seed, senderId)
    // Nor does the network's memory.
    Object.defineProperties(transport, { fetch: { value: undefined }, history: { value: undefined } })
    return openChannel({
      ...team,
      senderId,
      transport,
      scheduler,
      randomBytes,
      segmentSizeBytes: 192,
      parityRate,
      sds: noRepair,
    })
  }
  const [alice, bob] = [await open('alice'), await open('bob')]
  let deliveredAtMs: number | undefined
  bob.incoming$.subscribe((message) => {
    expect(message.payload).toEqual(payload)
    deliveredAtMs = scheduler.now()
  })
  alice.send(payload)
  await scheduler.run({ maxMs: 60_000 })
  await alice.close()
  await bob.close()
  return { arrived: arrivals.length, enoughAtMs: arrivals[7]?.atMs, deliveredAtMs }
}

describe('parity', () => {
  it('delivers a message in spite of lost segments, when as many have arrived as it has data segments', async () => {
    let delivered = 0
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const { arrived, enoughAtMs, deliveredAtMs } = await round(seed, 0.5)
      if (arrived >= 8) delivered++
      expect(deliveredAtMs, `seed ${seed}`).toBe(enoughAtMs)
    }
    // Theory: 84 %.
    expect(delivered / ROUNDS).toBeGreaterThanOrEqual(0.8)
  })

  it('is what did it: without, one message in ten comes through', async () => {
    let delivered = 0
    for (let seed = 1; seed <= ROUNDS; seed++) {
      if ((await round(seed, 0)).deliveredAtMs !== undefined) delivered++
    }
    expect(delivered / ROUNDS).toBeLessThan(0.2)
  })

  it('does not put a message before those that its lost segments came after', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const scheduler = virtualTime()
      const network = simulatedNetwork({ seed, loss: 0.4, latencyMs: 10, scheduler })
      const open = (senderId: string) =>
        openChannel({
          ...team,
          senderId,
          transport: network.peer(senderId),
          scheduler,
          randomBytes: seededBytes(seed, senderId),
          segmentSizeBytes: 192,
          parityRate: 0.5,
        })
      const [alice, bob] = [await open('alice'), await open('bob')]
      const received: number[] = []
      bob.incoming$.subscribe(({ payload: bytes }) => received.push(bytes[0]!))
      const sent = Array.from({ length: 8 }, (_, i) => i)
      for (const i of sent) alice.send(new Uint8Array(1 + 90 * (i % 4)).fill(i))
      await scheduler.run({ until: () => received.length === sent.length, maxMs: 600_000 })
      expect(received, `seed ${seed}`).toEqual(sent)
      await alice.close()
      await bob.close()
    }
  })
})
