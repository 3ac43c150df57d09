import { describe, expect, it } from 'vitest'
import { countedStore } from '../../test/counted-store.ts'
import { type Member, encode, setUp } from '../../test/restarting.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave']

/** Members that have said something, and have been left alone since. */
async function settled() {
  const { open, pass } = setUp()
  const members: (Member & { writes: string[][] })[] = []
  let syncs = 0
  for (const name of NAMES) {
    const { store, writes } = countedStore()
    const member = await open(name, store)
    member.channel.outgoing$.subscribe(({ kind }) => void (syncs += kind === 'sync' ? 1 : 0))
    members.push(Object.assign(member, { writes }))
  }
  for (const { channel } of members) channel.send(encode('hello'))
  await pass(600_000)
  const start = (): void => {
    syncs = 0
    for (const { writes } of members) writes.length = 0
  }
  start()
  return {
    members,
    pass,
    start,
    syncs: () => syncs,
    counts: () => members.map(({ writes }) => writes.length),
    kill: () => members.forEach((member) => member.kill()),
  }
}

// X18
describe('what falls together is one write', () => {
  it('of an idle hour: one for each sync message, at whoever sends it and at whoever hears it', async () => {
    const { pass, syncs, counts, kill } = await settled()
    await pass(3_600_000)
    expect(syncs()).toBeGreaterThan(3)
    expect(counts()).toEqual(NAMES.map(() => syncs()))
    kill()
  })

  it('of a message: when it is accepted, leaves and is done with; when it is delivered and handled', async () => {
    const { members, pass, syncs, counts, kill } = await settled()
    members[1]!.channel.send(encode('how are you?'))
    await pass(10_000)
    const [sender, receiver] = [3, 2]
    expect(syncs()).toBeGreaterThan(0)
    expect(counts()).toEqual([receiver, sender, receiver, receiver].map((writes) => writes + syncs()))
    kill()
  })

  it('of many messages of one turn: as many as of one, and less than one for each where they arrive', async () => {
    const { members, pass, syncs, counts, kill } = await settled()
    for (let i = 0; i < 50; i++) members[1]!.channel.send(encode(`line ${i}`))
    await pass(1)
    expect(counts()).toEqual([0, 1, 0, 0])
    await pass(20_000)
    expect(members.map(({ received }) => received.length)).toEqual(NAMES.map((_, i) => (i === 1 ? 3 : 53)))
    for (const count of counts()) expect(count - syncs()).toBeLessThan(110)
    kill()
  })

  it('of a steady flow: one for each message where it arrives, with the note that the one before is handled', async () => {
    const { members, pass, syncs, counts, kill } = await settled()
    for (let i = 0; i < 50; i++) {
      members[1]!.channel.send(encode(`line ${i}`))
      await pass(15)
    }
    await pass(100)
    expect(members[0]!.received).toHaveLength(53)
    const most = 50 + syncs() + 1
    for (const index of [0, 2, 3]) expect(counts()[index]).toBeLessThanOrEqual(most)
    kill()
  })
})

// X18
describe('a message of 100 bytes', () => {
  it('is stored in few records at each end, and takes less than 1.7 kB of both', async () => {
    const { open, pass } = setUp()
    const [ofAlice, ofBob] = [countedStore(), countedStore()]
    const [alice, bob] = [await open('alice', ofAlice.store), await open('bob', ofBob.store)]
    const say = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        alice.channel.send(encode(String(i).padEnd(100, '.')))
        await pass(15)
      }
    }
    const kindOf = (key: string): string => {
      const [part, kind] = key.slice('channel/team/'.length).split('/') as [string, string]
      return part === 'sds' ? `sds/${kind}` : part
    }
    const kinds = (writes: readonly (readonly string[])[]): string[][] =>
      writes.map((keys) =>
        keys
          .map(kindOf)
          // From time to time.
          .filter((kind) => kind !== 'heard')
          .sort(),
      )
    await say(1)
    await pass(60_000)
    for (const { writes, sizes } of [ofAlice, ofBob]) writes.length = sizes.length = 0
    await say(1)
    // Its outcome is confirmed, and it is acknowledged, later.
    expect(kinds(ofAlice.writes)).toEqual([
      ['requests', 'sds/log', 'sds/out', 'writes'],
      ['hints', 'sds/out', 'writes'],
    ])
    expect(kinds(ofBob.writes)).toEqual([['hints', 'inbox', 'sds/log', 'writes']])
    await say(199)
    await pass(60_000)
    const bytes = [...ofAlice.sizes, ...ofBob.sizes].reduce((sum, size) => sum + size, 0)
    expect(bytes / 200).toBeLessThan(1_700)
    expect(alice.received.length + bob.received.length).toBe(201)
    alice.kill()
    bob.kill()
  })
})
