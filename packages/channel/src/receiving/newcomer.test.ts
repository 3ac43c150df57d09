import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import { decode, encode, setUp } from '../../test/restarting.ts'

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
