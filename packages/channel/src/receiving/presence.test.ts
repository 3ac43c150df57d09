import { memoryStore } from '@reliable-channels/store'
import { filter } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { ChannelHealth } from '../channel.ts'
import type { ChannelQuota } from '../sending/quota.ts'
import { encode, setUp } from '../../test/restarting.ts'
import { openFake } from '../../test/open-fake.ts'
import type { ChannelMember } from './members.ts'

describe('members', () => {
  it('are those who were heard, with when that was and whether they lack anything, and cost no message', async () => {
    const { scheduler, pass, open, network } = setUp()
    // Nothing remembers for her what she misses.
    const forgetful = network.peer('forgetful')
    for (const name of ['fetch', 'history']) Object.defineProperty(forgetful, name, { value: undefined })
    const [alice, bob, carol] = [
      await open('alice', memoryStore()),
      await open('bob', memoryStore()),
      await open('carol', memoryStore(), { transport: forgetful }),
    ]
    const sent: string[] = []
    const latest: (readonly ChannelMember[])[] = []
    alice.channel.outgoing$.subscribe(({ kind }) => sent.push(kind))
    alice.channel.members$.subscribe((members) => latest.push(members))
    expect(latest).toEqual([[]])
    const since = scheduler.now()
    bob.channel.send(encode('hello'))
    await pass(1_000)
    const [{ lastHeardAt }] = latest.at(-1) as [ChannelMember]
    expect(latest.at(-1)!.map(({ senderId, state }) => [senderId, state])).toContainEqual(['bob', 'level'])
    expect(lastHeardAt).toBeGreaterThanOrEqual(since)
    expect(lastHeardAt).toBeLessThanOrEqual(scheduler.now())
    expect(sent).not.toContain('content')

    // Carol misses a message of Alice's, which Bob's next one comes after, and cannot get it.
    network.partition([['alice', 'bob'], ['forgetful']])
    alice.channel.send(encode('1'))
    await pass(2_000)
    network.partition([['alice'], ['bob', 'forgetful']])
    bob.channel.send(encode('2'))
    await pass(500)
    network.heal()
    const isBehind = (): boolean =>
      latest.at(-1)!.some(({ senderId, state }) => senderId === 'carol' && state === 'behind')
    const isLevel = (): boolean => latest.at(-1)!.every(({ state }) => state === 'level')
    expect(await scheduler.run({ until: isBehind, maxMs: 60_000 })).toBe(true)
    expect(await scheduler.run({ until: isLevel, maxMs: 60_000 })).toBe(true)
    expect(carol.received).toEqual(['hello', '1', '2'])
  })

  it('heard only in what the network remembers were there when they said it', async () => {
    const { scheduler, pass, open } = setUp()
    const alice = await open('alice', memoryStore())
    alice.channel.send(encode('hello'))
    await pass(10_000)
    const saidBy = scheduler.now()
    alice.kill()
    await pass(3_600_000)
    const bob = await open('bob', memoryStore(), { historyMs: 86_400_000 })
    let members: readonly ChannelMember[] = []
    bob.channel.members$.subscribe((latest) => (members = latest))
    await pass(10_000)
    expect(bob.received).toEqual(['hello'])
    expect(members.map(({ senderId }) => senderId)).toEqual(['alice'])
    expect(members[0]!.lastHeardAt).toBeLessThanOrEqual(saidBy)
  })

  it('are at most 128, whatever names are made up', async () => {
    const { scheduler, pass, open } = setUp()
    const alice = await open('alice', memoryStore())
    let members: readonly ChannelMember[] = []
    alice.channel.members$.subscribe((latest) => (members = latest))
    for (let i = 0; i < 140; i++) {
      const { channel } = await open(`member ${i}`, memoryStore())
      channel.send(encode('hello'), { ephemeral: true })
      await pass(20)
      await channel.close()
    }
    await pass(1_000)
    expect(members).toHaveLength(128)
    expect(members.at(-1)).toMatchObject({ senderId: 'member 139', lastHeardAt: expect.any(Number) })
    expect(members.every(({ lastHeardAt }) => lastHeardAt <= scheduler.now())).toBe(true)
    let isOver = false
    alice.channel.members$.subscribe({ complete: () => (isOver = true) })
    await alice.channel.close()
    expect(isOver).toBe(true)
  })
})

describe('health', () => {
  it('says what is missing, and up to when all is here', async () => {
    const { scheduler, pass, open, network } = setUp()
    const [alice, bob] = [await open('alice', memoryStore()), await open('bob', memoryStore())]
    const healths: ChannelHealth[] = []
    bob.channel.health$
      .pipe(filter(({ state }) => state === 'missing'))
      .subscribe((health) => healths.push(health))
    alice.channel.send(encode('1'))
    await pass(5_000)
    const before = scheduler.now()
    network.partition([['alice'], ['bob']])
    const lost = alice.channel.send(encode('2'))
    await pass(100)
    network.heal()
    alice.channel.send(encode('3'))
    await pass(60_000)
    expect(bob.received).toEqual(['1', '2', '3'])
    expect(healths[0]).toMatchObject({
      missing: 1,
      holes: [{ messageId: lost.messageId, senderId: 'alice' }],
    })
    expect(healths[0]!.completeUntil).toBeLessThanOrEqual(before)
    expect(healths[0]!.completeUntil).toBeGreaterThan(before - 6_000)
    let last: ChannelHealth | undefined
    bob.channel.health$.subscribe((health) => (last = health))
    expect(last).toMatchObject({ state: 'synced', holes: [], completeUntil: scheduler.now() })
  })
})

describe('the quota', () => {
  it('tells what is left, when there is more, and that four fifths are used', async () => {
    const rateLimit = { epochMs: 600_000, messagesPerEpoch: 10, marginMs: 0 }
    const { channel, pass } = await openFake({ rateLimit })
    const quotas: ChannelQuota[] = []
    channel.quota$.subscribe((quota) => quotas.push(quota))
    expect(quotas).toEqual([
      { limit: 10, used: 0, left: 10, nextEpochAt: expect.any(Number), state: 'normal', waiting: 0 },
    ])
    for (let i = 0; i < 12; i++) channel.send(encode('hello'))
    await pass(1_000)
    expect(quotas.find(({ left }) => left === 3)?.state ?? 'normal').toBe('normal')
    expect(quotas.at(-1)).toMatchObject({ used: 10, left: 0, state: 'exhausted', waiting: 2 })
    await pass(600_000)
    expect(quotas.at(-1)).toMatchObject({
      nextEpochAt: quotas[0]!.nextEpochAt + 600_000,
      state: 'normal',
      waiting: 0,
    })
    for (let i = 0; i < 6; i++) channel.send(encode('hello'))
    await pass(100)
    expect(quotas.at(-1)).toMatchObject({ state: 'approached' })
  })

  it('has no end without a rate limit', async () => {
    const { channel } = await openFake()
    let quota: ChannelQuota | undefined
    channel.quota$.subscribe((latest) => (quota = latest))
    expect(quota).toMatchObject({ limit: Infinity, left: Infinity, state: 'normal' })
  })
})
