import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import { encode, setUp } from '../../test/restarting.ts'

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
})
