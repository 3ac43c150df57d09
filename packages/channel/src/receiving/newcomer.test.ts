import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import { type Member, decode, encode, setUp } from '../../test/restarting.ts'

describe('who joins later', () => {
  it.each([
    ['without a store', {}],
    ['with one', { store: memoryStore() }],
  ])('gets what is said from then on, and nothing of what was said before (%s)', async (_, storing) => {
    // F6
    const { open, pass } = setUp()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', memoryStore())
    for (let i = 0; i < 20; i++) alice.channel.send(encode(`before ${i}`))
    await pass(600_000)
    expect(bob.received).toHaveLength(20)
    const carol = await open('carol', memoryStore(), { store: undefined, ...storing } as object)
    alice.channel.send(encode('now'))
    bob.channel.send(encode('and now'))
    await pass(15_000)
    expect(carol.received.toSorted()).toEqual(['and now', 'now'])
    await pass(3_600_000)
    expect(carol.received).toHaveLength(2)
    for (const member of [alice, bob, carol]) member.kill()
  })

  it('hears within seconds what is said then, also where much was said in the minute before', async () => {
    // F6: each of the messages before names the two before it, so that they were fetched one after the other.
    const { open, pass, scheduler } = setUp()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', memoryStore())
    for (let i = 0; i < 200; i++) {
      ;(i % 2 === 0 ? alice : bob).channel.send(encode(`before ${i}`))
      await pass(100)
    }
    const carol = await open('carol', memoryStore())
    let heardAt = Infinity
    carol.channel.incoming$.subscribe(({ payload }) => {
      if (decode(payload) === 'now') heardAt = scheduler.now()
    })
    const saidAt = scheduler.now()
    alice.channel.send(encode('now'))
    await pass(60_000)
    expect(heardAt - saidAt).toBeLessThan(5_000)
    expect(new Set(carol.received).size).toBe(carol.received.length)
    for (const member of [alice, bob, carol]) member.kill()
  })
})

/** The ids in all events of a kind that tell what is done without. */
const toldOf = ({ events }: Member, code: 'past' | 'lost'): string[] =>
  events.flatMap((event) =>
    event.type === 'diagnostic' && event.code === code
      ? event.detail.entries.map(({ messageId }) => messageId)
      : [],
  )

describe('who comes back', () => {
  const HOUR_MS = 3_600_000

  it('with an old copy of its store waits for all that was said since, in order, and does without nothing', async () => {
    // X3, F6
    const { open, pass, scheduler } = setUp({ retentionMs: 60_000 })
    const alice = await open('alice', memoryStore())
    const medium = new Map<string, Uint8Array>()
    const bob = await open('bob', memoryStore(medium))
    await pass(1_000)
    const copy = new Map(medium)
    for (let i = 1; i <= 5; i++) {
      alice.channel.send(encode(`${i}`))
      await pass(60_000)
    }
    expect(bob.received).toEqual(['1', '2', '3', '4', '5'])
    bob.kill()
    await scheduler.advance(HOUR_MS)
    const again = await open('bob', memoryStore(copy))
    await pass(1_000)
    alice.channel.send(encode('6'))
    await pass(120_000)
    expect(again.received).toEqual(['1', '2', '3', '4', '5', '6'])
    expect([...toldOf(again, 'past'), ...toldOf(again, 'lost')]).toEqual([])
    for (const member of [alice, again]) member.kill()
  })

  it('with nothing is new, and is told of each message once that it goes without', async () => {
    const { open, pass, scheduler } = setUp({ retentionMs: 60_000 })
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', memoryStore())
    for (let i = 1; i <= 5; i++) {
      alice.channel.send(encode(`${i}`))
      await pass(60_000)
    }
    bob.kill()
    await scheduler.advance(HOUR_MS)
    const again = await open('bob', memoryStore())
    await pass(1_000)
    alice.channel.send(encode('6'))
    await pass(15_000)
    expect(again.received).toEqual(['6'])
    await pass(HOUR_MS)
    expect(again.received).toEqual(['6'])
    const past = toldOf(again, 'past')
    expect(past.length).toBeGreaterThan(0)
    expect(new Set(past).size).toBe(past.length)
    expect(toldOf(again, 'lost')).toEqual([])
    for (const member of [alice, again]) member.kill()
  })

  it('after longer than the network remembers waits for what nobody has any more, and is told that it is lost', async () => {
    const { open, pass, scheduler } = setUp({ retentionMs: 600_000 })
    const store = memoryStore()
    const alice = await open('alice', memoryStore())
    const bob = await open('bob', store)
    alice.channel.send(encode('1'))
    await pass(10_000)
    bob.kill()
    alice.channel.send(encode('forgotten'))
    await scheduler.advance(HOUR_MS)
    alice.channel.send(encode('remembered'))
    await pass(1_000)
    alice.kill()
    const again = await open('bob', store)
    await pass(240_000)
    expect(again.received).toEqual([])
    await pass(HOUR_MS)
    expect(again.received).toEqual(['remembered'])
    expect(toldOf(again, 'lost')).toHaveLength(1)
    expect(toldOf(again, 'past')).toEqual([])
    again.kill()
  })
})
