import { expect, it } from 'vitest'
import { group } from './group.ts'

const photo = (digit: number): Uint8Array => new Uint8Array(8_000).fill(digit)
const small = { segmentSizeBytes: 1_000 }

it('progress comes with each new segment, once, and names the file', async () => {
  const { open, scheduler, close } = group({ loss: 0.2, duplicate: 0.5 })
  const [alice, bob] = [await open('alice', { ...small, parityRate: 0.5 }), await open('bob', small)]
  const held: Record<string, number[]> = {}
  bob.events$.subscribe((event) => {
    if (event.type !== 'reliable:message:progress') return
    expect(event.needed).toBe(10)
    ;(held[event.payloadHash] ??= []).push(event.held)
  })
  const received: number[] = []
  bob.incoming$.subscribe(({ payload }) => received.push(payload[0]!))
  alice.send(photo(1))
  alice.send(photo(2))
  await scheduler.advance(60_000)
  expect(received).toEqual([1, 2])
  const all = Array.from({ length: 10 }, (_, i) => i + 1)
  expect(Object.values(held)).toEqual([all, all])
  await close()
})

/** The status of a photo that was delivered through loss, once nothing more changes. */
async function deliveredPhoto(parityRate: number, seed: number) {
  const { open, scheduler, close } = group({ loss: 0.2, seed })
  const alice = await open('alice', { ...small, parityRate })
  await open('bob', small)
  const sent = alice.send(photo(1))
  await scheduler.advance(60_000)
  await close()
  return sent.status
}

it('all counts of a status end at the number of segments, but that of acknowledged ones where parity stands in', async () => {
  const shares = { without: new Set<number>(), with: new Set<number>() }
  for (let seed = 1; seed <= 10; seed++)
    for (const [name, parityRate] of [
      ['without', 0],
      ['with', 0.5],
    ] as const) {
      const { state, segments } = await deliveredPhoto(parityRate, seed)
      const { data, total, released, confirmed, acknowledged } = segments
      expect({ state, released, confirmed }).toEqual({
        state: 'delivered',
        released: total,
        confirmed: total,
      })
      shares[name].add(acknowledged / data)
    }
  expect([...shares.without]).toEqual([1])
  expect(Math.min(...shares.with)).toBeLessThan(1)
})

it('what is sent is copied, and held until it is acknowledged', async () => {
  const { open, scheduler, network, close } = group()
  const link = network.peer('alice')
  const [alice, bob] = [await open('alice', { transport: link }), await open('bob')]
  const received: Uint8Array[] = []
  bob.incoming$.subscribe(({ payload }) => received.push(payload))
  link.disconnect()
  const mine = photo(1)
  const sent = alice.send(mine)
  mine.fill(2)
  await scheduler.advance(3_600_000)
  expect(alice.stats().waiting.unacknowledgedBytes).toBeGreaterThan(8_000)
  link.connect()
  await scheduler.advance(60_000)
  expect(received).toEqual([photo(1)])
  expect(alice.stats().waiting.unacknowledgedBytes).toBe(0)
  // The copy that came was another than the one that could not leave.
  expect(sent.status).toMatchObject({ state: 'delivered', segments: { confirmed: 0, failed: 1 } })
  await close()
})
