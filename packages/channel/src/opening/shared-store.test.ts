import { describe, expect, it } from 'vitest'
import { memoryStore } from '@reliable-channels/store'
import type { ChannelEvent } from '../index.ts'
import { type Member, encode, setUp } from '../../test/restarting.ts'

const sharedTold = (events: readonly ChannelEvent[]): ChannelEvent[] =>
  events.filter((event) => event.type === 'diagnostic' && event.code === 'store-shared')

/** Has a member send so many messages while it is offline, and waits until all are accepted. */
async function accept(member: Member, name: string, count: number): Promise<void> {
  const handles = Array.from({ length: count }, (_, i) => member.channel.send(encode(`${name}${i}`)))
  await Promise.all(handles.map((handle) => handle.accepted()))
}

const names = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}`)

describe('two instances on one store that do not know of each other', () => {
  for (const who of ['the first', 'the second', 'neither'] as const) {
    it(`lose nothing that both accepted offline, whichever goes first (${who}), and the next opening tells`, async () => {
      // F18
      const { open, pass } = setUp()
      const disk = new Map<string, Uint8Array>()
      const bob = await open('bob', memoryStore())
      const members = [
        await open('alice', memoryStore(disk)),
        await open('alice', memoryStore(disk)),
      ] as const
      for (const member of members) member.peer.disconnect()
      // By turns, so that each is stored between what the other stores.
      for (let i = 0; i < 10; i++) {
        await accept(members[i % 2]!, `${'ab'[i % 2]}${i}-`, 10)
      }
      if (who === 'the first') members[0].kill()
      if (who === 'the second') members[1].kill()
      await pass(1_000)
      for (const member of members) member.kill()
      const alice = await open('alice', memoryStore(disk))
      await pass(120_000)
      const expected = Array.from({ length: 10 }, (_, i) => names(`${'ab'[i % 2]}${i}-`, 10)).flat()
      expect(bob.received.toSorted()).toEqual(expected.toSorted())
      expect(sharedTold(alice.events)).toHaveLength(1)
      expect(alice.channel.requests).toEqual([])
      alice.kill()
      const again = await open('alice', memoryStore(disk))
      await pass(1_000)
      expect(sharedTold(again.events)).toEqual([])
      for (const member of [again, bob]) member.kill()
    })
  }

  it('are not suspected where one came after the other, however the first ended', async () => {
    // F18
    const { open, pass } = setUp()
    const disk = new Map<string, Uint8Array>()
    const bob = await open('bob', memoryStore())
    for (let i = 0; i < 4; i++) {
      const alice = await open('alice', memoryStore(disk))
      await pass(100)
      expect(sharedTold(alice.events)).toEqual([])
      await accept(alice, `${i}-`, 3)
      if (i % 2 === 0) alice.kill()
      else await alice.channel.close()
    }
    bob.kill()
  })

  it('hand a message that both have received, and handled in none, to the application once', async () => {
    // F18
    const { open, pass } = setUp()
    const disk = new Map<string, Uint8Array>()
    const acknowledged = { consume: 'acknowledged' } as const
    const bob = await open('bob', memoryStore())
    const members = [
      await open('alice', memoryStore(disk), acknowledged),
      await open('alice', memoryStore(disk), acknowledged),
    ]
    for (const name of names('m', 5)) bob.channel.send(encode(name))
    await pass(5_000)
    for (const member of members) {
      expect(member.received).toEqual(names('m', 5))
      member.kill()
    }
    const alice = await open('alice', memoryStore(disk), acknowledged)
    await pass(5_000)
    expect(alice.received).toEqual(names('m', 5))
    for (const member of [alice, bob]) member.kill()
  })
})
