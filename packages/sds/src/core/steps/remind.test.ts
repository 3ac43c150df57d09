import { describe, expect, it } from 'vitest'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import { stageOf } from '../stage.ts'
import { createState } from '../state.ts'

const each = { acknowledge: 'each', periodicSyncMs: 0 } as const

/** alice, bob and carol, who have heard of each other. */
function group(options: { readonly seed?: number; readonly loss?: number } = {}) {
  const net = new Network({ random: seeded(options.seed ?? 7), jitterMs: 100 })
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, each)) as [
    Peer,
    Peer,
    Peer,
  ]
  alice.say('hello')
  net.run(10_000)
  net.loss = options.loss ?? 0
  return { net, alice, bob, carol }
}

const namesOf = (alice: Peer, id: string): string[] =>
  alice
    .eventsOf('acknowledged')
    .flatMap(({ messageId, by }) => (messageId === id ? [by] : []))
    .toSorted()

/** What is given to who asks for it has no filter. */
const remindersOf = (alice: Peer): number =>
  alice.messages('repair').filter(({ bloomFilter }) => bloomFilter !== undefined).length

describe('where each member acknowledges', () => {
  it('nobody is reminded while nothing is lost: a message costs itself and one of each', () => {
    const { net, alice, bob, carol } = group()
    const before = [alice, bob, carol].map(({ sent }) => sent.length)
    const id = alice.say('who has it?')
    net.run(600_000)
    expect(namesOf(alice, id)).toEqual(['bob', 'carol'])
    expect([alice, bob, carol].map(({ sent }, i) => sent.length - before[i]!)).toEqual([1, 1, 1])
  })

  it('a lost acknowledgement is asked for by a copy with the filter of the moment, and told again', () => {
    const { net, alice, bob, carol } = group()
    net.passes = (from, to) => from !== carol || to !== alice
    const id = alice.say('who has it?')
    net.run(1_200)
    expect(namesOf(alice, id)).toEqual(['bob'])
    net.passes = () => true
    net.run(2_000)
    expect(namesOf(alice, id)).toEqual(['bob', 'carol'])
    expect(remindersOf(alice)).toBe(1)
    expect(decoded(alice.sent.at(-1)!.payload)).toMatchObject({ messageId: id, senderId: 'alice' })
    expect(decoded(alice.sent.at(-1)!.payload).bloomFilter?.length).toBeGreaterThan(0)
    expect(bob.texts()).toEqual(['hello', 'who has it?'])
    net.run(600_000)
    expect(remindersOf(alice)).toBe(1)
  })

  it('all of them are known to have each message after seconds, whatever is lost', () => {
    const waits: number[] = []
    for (let seed = 1; seed <= 20; seed++) {
      const { net, alice } = group({ seed, loss: 0.2 })
      for (let i = 0; i < 3; i++) {
        const startedAt = net.now
        const id = alice.say(`${i}`)
        while (namesOf(alice, id).length < 2 && net.now < startedAt + 120_000) net.run(100)
        waits.push(net.now - startedAt)
      }
    }
    waits.sort((a, b) => a - b)
    expect(waits.at(-1)).toBeLessThan(60_000)
    expect(waits[Math.ceil(0.95 * waits.length) - 1]).toBeLessThan(8_000)
  })

  it('who is not heard is away: he is reminded a few times and not again until he is heard', () => {
    const { net, alice, carol } = group()
    carol.online = false
    const id = alice.say('who has it?')
    net.run(3_600_000)
    expect(remindersOf(alice)).toBe(8)
    alice.say('and this?')
    net.run(3_600_000)
    expect(remindersOf(alice)).toBe(8)
    carol.online = true
    carol.say('back')
    net.run(60_000)
    expect(namesOf(alice, id)).toEqual(['bob', 'carol'])
  })

  it('who is heard and acknowledges nothing is reminded ever later', () => {
    const { net, alice, carol } = group()
    net.passes = (from, to) => from !== alice || to !== carol
    alice.say('who has it?')
    const seen: number[] = []
    for (let minute = 0; minute < 120; minute++) {
      const before = remindersOf(alice)
      // He repeats what he said, and so shows nothing.
      alice.receive(carol.sent.at(-1)!.payload)
      net.run(60_000)
      seen.push(remindersOf(alice) - before)
    }
    expect(seen[0]).toBeGreaterThan(3)
    expect(seen.slice(60).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(10)
  })

  it('who comes late need not have what was said before', () => {
    const { net, alice, carol } = group()
    alice.say('before')
    net.run(10_000)
    const dave = net.join('dave', each)
    net.passes = (from, to) => from !== alice || to !== dave
    dave.say('hello')
    net.run(600_000)
    expect(remindersOf(alice)).toBe(0)
    expect(carol.texts()).toContain('hello')
  })

  it('who is awaited by name is reminded though nobody has heard of him', () => {
    const net = new Network({ random: seeded(3) })
    const [alice, , carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, each)) as [
      Peer,
      Peer,
      Peer,
    ]
    net.passes = (from, to) => from !== carol || to !== alice
    const id = alice.say('who is there?')
    alice.input({ type: 'follow', messages: [{ messageId: id, acknowledgedBy: ['carol'], isAwaited: true }] })
    net.run(1_200)
    expect(namesOf(alice, id)).toEqual(['bob'])
    net.passes = () => true
    net.run(2_000)
    expect(namesOf(alice, id)).toEqual(['bob', 'carol'])
    expect(alice.stage.acknowledgedBy(id)).toEqual(['bob', 'carol'])
  })

  it('nobody is reminded where one acknowledgement is enough', () => {
    const net = new Network({ random: seeded(3) })
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) =>
      net.join(name, { periodicSyncMs: 0 }),
    ) as [Peer, Peer, Peer]
    carol.say('hello')
    net.run(5_000)
    net.passes = (from, to) => to !== alice || from === bob
    alice.say('who has it?')
    net.run(600_000)
    expect(remindersOf(alice)).toBe(0)
  })

  it('what could not be sent is forgotten with the next round', () => {
    const net = new Network({ random: seeded(7) })
    const [alice, , carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, each)) as [
      Peer,
      Peer,
      Peer,
    ]
    const options = { participantId: 'alice', channelId: 'channel', random: seeded(7), ...each }
    const state = createState({ ...options, repair: { enabled: false } })
    alice.stage = stageOf(state)
    alice.input({ type: 'start' })
    alice.say('hello')
    net.run(10_000)
    const waiting = new Set<number>()
    for (let i = 0; i < 10; i++) {
      // What she says of each second message does not come, and she says it with the next.
      const isHeard = i % 2 === 1
      net.passes = (from, to) => isHeard || from !== carol || to !== alice
      alice.say(`${i}`)
      for (let seconds = 0; seconds < 10; seconds++) {
        net.run(1_000)
        waiting.add(state.reminders.size)
      }
    }
    // One for her, of the newest.
    expect([...waiting]).toEqual([0, 1])
  })

  it('whoever is reminded after the clock was set back is so in time', () => {
    const { net, alice, carol } = group()
    net.passes = (from, to) => from !== carol || to !== alice
    const id = alice.say('who has it?')
    net.run(1_200)
    net.passes = () => true
    net.now -= 3_600_000
    for (const peer of net.peers) peer.input({ type: 'start' })
    net.run(5_000)
    expect(namesOf(alice, id)).toEqual(['bob', 'carol'])
  })
})
