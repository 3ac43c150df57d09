import { describe, expect, it } from 'vitest'
import { PRESETS } from '../world/presets.ts'
import { PEERS, type PeerName } from '../world/settings.ts'
import { type World, openWorld } from '../world/world.ts'
import { tickOf } from './entry.ts'
import { Model } from './model.ts'
import { healthText } from './peer-view.ts'

async function play(id: string, ms: number): Promise<{ world: World; model: Model }> {
  const preset = PRESETS.find((each) => each.id === id)!
  const model = new Model()
  const world = await openWorld({ preset, onEvent: (event) => model.take(event) })
  await world.advance(ms)
  // What was said must have time to arrive.
  await world.change({ ...world.settings, chatter: 0 })
  await world.advance(60_000)
  return { world, model }
}

describe('the page in virtual time', () => {
  it.each(PRESETS.map(({ id }) => id))(
    '%s: everybody who can read has every message, in the end',
    async (id) => {
      const { world, model } = await play(id, 40_000)
      const readers: PeerName[] = id === 'wrong-key' ? ['alice', 'bob'] : [...PEERS]
      const authors = [...model.entries.values()].filter(({ author }) => readers.includes(author))
      expect(authors.length).toBeGreaterThan(5)
      for (const { author, heardAtMs, message } of authors) {
        const missing = readers.filter((peer) => peer !== author && !heardAtMs.has(peer))
        expect(missing, `${message.id}: ${message.text}`).toEqual([])
      }
      expect(authors.map((entry) => tickOf(entry)).every((tick) => tick === 'delivered')).toBe(true)
      await world.close()
    },
  )

  it('tells who has a wrong key that nothing can be read', async () => {
    const { world, model } = await play('wrong-key', 10_000)
    expect(model.peers.carol.unreadable).toBeGreaterThan(0)
    expect(healthText(model.peers.carol)).toEqual({ text: 'cannot read: wrong key?', good: false })
    expect(model.peers.carol.order.every((id) => model.entries.get(id)?.author === 'carol')).toBe(true)
    await world.close()
  })

  it('is the same for the same seed', async () => {
    const [a, b] = [await play('bad-wifi', 20_000), await play('bad-wifi', 20_000)]
    expect(a.model.totals).toEqual(b.model.totals)
    expect(a.model.totals.lostCopies).toBeGreaterThan(0)
    await Promise.all([a.world.close(), b.world.close()])
  })

  it('keeps the conversation when the segment size changes and channels are opened again', async () => {
    const { world, model } = await play('clean', 5_000)
    await world.change({ ...world.settings, segmentSizeBytes: 4_096, parityRate: 0.5 })
    world.say('bob', { kind: 'file', name: 'notes.txt', bytes: new Uint8Array(20_000) })
    await world.advance(20_000)
    const file = [...model.entries.values()].find(({ message }) => message.kind === 'file')!
    expect([...file.heardAtMs.keys()].toSorted()).toEqual(['alice', 'carol'])
    expect(file.status?.segments).toMatchObject({ data: 6, total: 9 })
    expect(model.isComplete()).toBe(true)
    await world.close()
  })

  it('lets a peer that was offline find what it missed', async () => {
    const { world, model } = await play('clean', 3_000)
    world.setOnline('bob', false)
    world.say('alice', { kind: 'text', text: 'Bob?' })
    await world.advance(5_000)
    expect(model.isComplete()).toBe(false)
    world.setOnline('bob', true)
    await world.advance(30_000)
    expect(model.isComplete()).toBe(true)
    await world.close()
  })
})
