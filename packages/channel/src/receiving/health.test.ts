import { xchacha } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { describe, expect, it } from 'vitest'
import type { ChannelHealth } from '../channel.ts'
import { type Member, encode, setUp } from '../../test/restarting.ts'
import { seededBytes } from '../../test/seeded-bytes.ts'

const keyed = (fill: number) => xchacha({ key: new Uint8Array(32).fill(fill) })
const store = memoryStore

/** What a member is told of its health. */
function healthsOf({ channel }: Member): ChannelHealth[] {
  const healths: ChannelHealth[] = []
  channel.health$.subscribe((health) => healths.push(health))
  return healths
}
const statesOf = (healths: readonly ChannelHealth[]): string[] => healths.map(({ state }) => state)

describe('health, where others with another key are on the topic,', () => {
  // N7
  it('stays synced while members are heard whom this one can read', async () => {
    const { pass, open } = setUp()
    const alice = await open('alice', store(), { cipher: keyed(1) })
    const bob = await open('bob', store(), { cipher: keyed(1) })
    const eve = await open('eve', store(), { cipher: keyed(2) })
    bob.channel.send(encode('hello'))
    await pass(1_000)
    const healths = healthsOf(alice)
    for (let i = 0; i < 40; i++) {
      if (i % 10 === 0) bob.channel.send(encode(`${i}`))
      eve.channel.send(encode(`${i}`))
      await pass(10_000)
    }
    expect(alice.received).toHaveLength(5)
    expect(alice.channel.drops.undecryptable).toBeGreaterThanOrEqual(40)
    expect(statesOf(healths)).toEqual(['synced'])
  })

  it('is unreadable once, until a member with the same key speaks, and again when none has for a quarter of an hour', async () => {
    const { pass, open } = setUp()
    const alice = await open('alice', store(), { cipher: keyed(1) })
    const eve = await open('eve', store(), { cipher: keyed(2) })
    const healths = healthsOf(alice)
    const talk = async (minutes: number): Promise<void> => {
      for (let i = 0; i < 6 * minutes; i++) {
        eve.channel.send(encode('hello'))
        await pass(10_000)
      }
    }
    await talk(20)
    expect(statesOf(healths)).toEqual(['synced', 'unreadable'])
    expect(healths[1]).toMatchObject({ missing: 0, lost: 0, unreadable: 1 })
    const bob = await open('bob', store(), { cipher: keyed(1) })
    bob.channel.send(encode('hello'))
    await pass(2_000)
    bob.kill()
    await talk(14)
    expect(statesOf(healths)).toEqual(['synced', 'unreadable', 'synced'])
    await talk(3)
    expect(statesOf(healths)).toEqual(['synced', 'unreadable', 'synced', 'unreadable'])
  })

  it('is not taken in by what is not sealed, where contents are', async () => {
    const { pass, open } = setUp()
    const sealed = (fill: number) => ({ cipher: keyed(fill), placement: 'content' as const })
    const alice = await open('alice', store(), sealed(1))
    const eve = await open('eve', store(), sealed(2))
    const healths = healthsOf(alice)
    eve.channel.send(encode('hello'))
    await pass(120_000)
    expect(healths.at(-1)).toMatchObject({ state: 'unreadable', missing: 1 })
    const syncs = alice.channel.stats().in.sync
    await pass(60_000)
    expect(alice.channel.stats().in.sync).toBeGreaterThan(syncs)
    expect(healths.at(-1)).toMatchObject({ state: 'unreadable' })
    const bob = await open('bob', store(), sealed(1))
    bob.channel.send(encode('hello'))
    await pass(2_000)
    expect(alice.received).toEqual(['hello'])
    expect(healths.at(-1)).toMatchObject({ state: 'missing', missing: 1 })
  })

  it('is not mended by what another device says in the name of this member', async () => {
    const { pass, open, network } = setUp()
    const laptop = await open('alice', store(), { cipher: keyed(1) })
    const phone = await open('alice', store(), { cipher: keyed(1), transport: network.peer('phone') })
    const eve = await open('eve', store(), { cipher: keyed(2) })
    const healths = healthsOf(laptop)
    eve.channel.send(encode('hello'))
    await pass(5_000)
    phone.channel.send(encode('hello'))
    await pass(30_000)
    expect(laptop.channel.stats().in.segments).toBe(1)
    expect(statesOf(healths)).toEqual(['synced', 'unreadable'])
  })
})

describe('health, while a large message comes,', () => {
  const big = seededBytes(1, 'big')(1_000_000)
  /** Of its seven segments. */
  const paced = { rateLimit: { epochMs: 1_000, messagesPerEpoch: 2, marginMs: 0 } }

  it('is incomplete until all of it is here, and complete until just before', async () => {
    const { pass, open, network, scheduler } = setUp()
    const [alice, bob] = [await open('alice', store(), paced), await open('bob', store())]
    alice.channel.send(encode('hello'))
    await pass(5_000)
    const healths = healthsOf(bob)
    const before = scheduler.now()
    alice.channel.send(big)
    await pass(1_500)
    network.partition([['alice'], ['bob']])
    expect(statesOf(healths)).toEqual(['synced', 'incomplete'])
    expect(healths[1]).toMatchObject({ missing: 0, holes: [], incomplete: 1, lost: 0 })
    expect(healths[1]!.completeUntil).toBeLessThanOrEqual(before)
    expect(healths[1]!.completeUntil).toBeGreaterThan(before - 6_000)
    // Who asks later is told no other.
    expect(healthsOf(bob)).toEqual([healths[1]])
    network.heal()
    await pass(60_000)
    expect(bob.channel.stats().messages.received).toBe(2)
    expect(statesOf(healths).at(-1)).toBe('synced')
    expect(healths.at(-1)).toMatchObject({ incomplete: 0, completeUntil: expect.any(Number) })
  })

  it('counts one that does not go on, and holds nobody up for it, also after a restart', async () => {
    const { pass, open, network } = setUp()
    const disk = store()
    const [alice, bob] = [await open('alice', store(), paced), await open('bob', disk)]
    alice.channel.send(big)
    await pass(1_500)
    network.partition([['alice'], ['bob']])
    alice.kill()
    const healths = healthsOf(bob)
    await pass(200_000)
    expect(statesOf(healths)).toEqual(['incomplete'])
    bob.kill()
    const again = await open('bob', disk)
    const later = healthsOf(again)
    await pass(200_000)
    expect(later.at(-1)).toMatchObject({ state: 'incomplete', incomplete: 1 })
    await pass(200_000)
    expect(later.at(-1)).toMatchObject({ state: 'synced', incomplete: 1 })
  })

  it('is told at once in another state, and else four times a second at most', async () => {
    const { pass, open, network, scheduler } = setUp({ loss: 0.3 })
    const [alice, bob] = [await open('alice', store()), await open('bob', store())]
    const told: { at: number; health: ChannelHealth }[] = []
    bob.channel.health$.subscribe((health) => told.push({ at: scheduler.now(), health }))
    alice.channel.send(seededBytes(1, 'large')(10_000_000))
    for (let i = 0; i < 120_000 && bob.channel.stats().messages.received === 0; i += 1_000) {
      // Of the message that was found missing last, the name is among the holes.
      const { missing, holes } = told.at(-1)!.health
      expect(holes).toHaveLength(missing)
      await pass(1_000)
    }
    network.close()
    expect(bob.channel.stats().messages.received).toBe(1)
    for (const [i, { at, health }] of told.entries()) {
      const next = told[i + 1]
      if (next === undefined) continue
      if (next.health.state === health.state) expect(next.at - at).toBeGreaterThanOrEqual(250)
      expect({ ...next.health, completeUntil: 0 }).not.toEqual({ ...health, completeUntil: 0 })
    }
    const most = told.filter(({ health }) => health.state === 'missing' && health.missing > 0).length
    expect(most).toBeGreaterThan(1)
  })
})

describe('health', () => {
  it('names the holes of now, also when their number stays', async () => {
    // Bob misses the last of three messages, and asks for it; the memory gives it, and it comes after one more.
    const { pass, open, network } = setUp()
    const deaf = network.peer('bob')
    for (const name of ['fetch', 'history']) Object.defineProperty(deaf, name, { value: undefined })
    const sds = { causalHistoryLength: 1 }
    const alice = await open('alice', store(), { sds })
    const bob = await open('bob', store(), { sds, transport: deaf })
    const healths = healthsOf(bob)
    alice.channel.send(encode('0'))
    await pass(5_000)
    network.partition([['alice'], ['bob']])
    const lost = [alice.channel.send(encode('1')), alice.channel.send(encode('2'))]
    await pass(100)
    network.heal()
    alice.channel.send(encode('3'))
    await pass(60_000)
    expect(bob.received).toEqual(['0', '1', '2', '3'])
    const named = healths.flatMap(({ holes }) => holes.map(({ messageId }) => messageId))
    expect(new Set(named)).toEqual(new Set(lost.map(({ messageId }) => messageId)))
    expect(statesOf(healths)[0]).toBe('synced')
    expect(statesOf(healths).at(-1)).toBe('synced')
  })
})
