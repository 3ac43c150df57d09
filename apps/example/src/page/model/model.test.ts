import { describe, expect, it } from 'vitest'
import { PRESETS } from '../world/presets.ts'
import { PEERS, type PeerName } from '../world/settings.ts'
import type { WorldEvent } from '../world/world-event.ts'
import { type World, openWorld } from '../world/world.ts'
import { Dots } from './dots.ts'
import { tickOf, tickText } from './entry.ts'
import { isComplete } from '../../../test/is-complete.ts'
import { Model } from './model.ts'
import { healthText } from './peer-view.ts'
import { segmentGrid } from './segment-grid.ts'

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
    const [first] = model.entries.values()
    expect(first!.moments.map(({ text }) => text)).toContain('Carol could not open it')
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
    expect(isComplete(model)).toBe(true)
    await world.close()
  })

  it('tells of each copy that is lost, and how its receiver came by the message', async () => {
    const preset = PRESETS.find(({ id }) => id === 'bad-wifi')!
    const model = new Model()
    const world = await openWorld({ preset, onEvent: (event) => model.take(event) })
    // Of the first message Carol's copy is lost, and nobody has heard of that yet.
    await world.advance(1_000)
    const [first] = model.entries.values()
    const told = (): string[] => first!.moments.map(({ text }) => text)
    expect(told()).toContain('The message for Carol: lost on the way')
    const cells = (): unknown => segmentGrid(first!).rows.find(({ peer }) => peer === 'carol')?.cells
    expect(cells()).toEqual(['lost'])
    await world.advance(4_000)
    expect(told()).toContain('Carol has it, from the network’s memory')
    expect(cells()).toEqual(['recovered'])
    expect(model.totals.fetched).toBeGreaterThan(0)
    await world.close()
  })

  it('lets what is lost fall, and what has fallen or arrived disappear', async () => {
    const preset = PRESETS.find(({ id }) => id === 'bad-wifi')!
    const dots = new Dots()
    const fallen = new Set<string>()
    const world = await openWorld({ preset, onEvent: (event) => dots.take(event) })
    for (let i = 0; i < 400; i++) {
      await world.advance(50)
      dots.move(50)
      for (const { hash, copies } of dots.all.values())
        for (const { to, fallen: part } of copies) if (part > 0) fallen.add(`${hash} ${to}`)
    }
    expect(fallen.size).toBeGreaterThan(10)
    await world.change({ ...world.settings, chatter: 0 })
    await world.advance(60_000)
    dots.move(5_000)
    for (let i = 0; i < 100; i++) dots.move(50)
    expect(dots.all.size).toBe(0)
    await world.close()
  })

  it('lets what cannot be opened fall at who has a wrong key', async () => {
    const preset = PRESETS.find(({ id }) => id === 'wrong-key')!
    const dots = new Dots()
    const fallen: string[] = []
    const world = await openWorld({ preset, onEvent: (event) => dots.take(event) })
    for (let i = 0; i < 60; i++) {
      await world.advance(50)
      dots.move(50)
      for (const { copies } of dots.all.values())
        for (const { to, reason, fallen: part, climbed } of copies)
          if (part > 0) fallen.push(`${to} ${reason!} ${climbed > 0}`)
    }
    expect(new Set(fallen)).toEqual(new Set(['carol wrong key true']))
    await world.close()
  })

  it('chats without saying the same again at once, and without answering itself', async () => {
    const preset = PRESETS.find(({ id }) => id === 'clean')!
    const said: Extract<WorldEvent, { readonly type: 'said' }>[] = []
    const world = await openWorld({ preset, onEvent: (event) => event.type === 'said' && said.push(event) })
    await world.advance(40_000)
    const chatter = said.slice(8)
    expect(chatter.length).toBeGreaterThan(10)
    for (const [i, { peer, message }] of chatter.entries()) {
      expect(chatter.slice(i + 1, i + 10).map((each) => each.message.text)).not.toContain(message.text)
      expect(chatter[i + 1]?.peer).not.toBe(peer)
    }
    await world.close()
  })

  it('says of what did not leave that it will be tried again', async () => {
    const { world, model } = await play('clean', 3_000)
    world.setOnline('bob', false)
    world.say('bob', { kind: 'text', text: 'Anybody?' })
    await world.advance(2_000)
    const entry = [...model.entries.values()].at(-1)!
    expect(tickText(entry, String)).toBe('Not sent yet, will be tried again')
    world.setOnline('bob', true)
    await world.advance(60_000)
    expect(tickText(entry, String)).toMatch(/^Delivered to/)
    await world.close()
  })

  it('lets a peer that was offline find what it missed', async () => {
    const { world, model } = await play('clean', 3_000)
    world.setOnline('bob', false)
    world.say('alice', { kind: 'text', text: 'Bob?' })
    await world.advance(5_000)
    expect(isComplete(model)).toBe(false)
    world.setOnline('bob', true)
    await world.advance(30_000)
    expect(isComplete(model)).toBe(true)
    await world.close()
  })
})
