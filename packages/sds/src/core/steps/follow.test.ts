import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { RollingFilter } from '../filter/rolling-filter.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0 }

/** alice, bob and carol, between whom nothing passes but what a test hands on. */
function apart() {
  const net = new Network({ random: seeded(9) })
  net.passes = () => false
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, quiet)) as [
    Peer,
    Peer,
    Peer,
  ]
  const lastOf = (peer: Peer): Uint8Array => peer.sent.findLast(({ kind }) => kind === 'content')!.payload
  /** Says something, which the others are handed. */
  const say = (from: Peer, text: string, ...to: Peer[]): string => {
    const id = from.say(text)
    for (const peer of to) peer.receive(lastOf(from))
    return id
  }
  return { net, alice, bob, carol, say }
}

const byOf = (alice: Peer, id: string): string[] =>
  alice.eventsOf('acknowledged').flatMap(({ messageId, by }) => (messageId === id ? [by] : []))

describe('an own message that was acknowledged before a restart', () => {
  it('is known to be at another who names it', () => {
    const { alice, bob, carol, say } = apart()
    const id = say(alice, 'a', bob, carol)
    say(carol, 'c', alice)
    expect(byOf(alice, id)).toEqual(['carol'])
    alice.restart()
    alice.input({ type: 'follow', messages: [{ messageId: id, acknowledgedBy: [] }] })
    say(bob, 'b', alice)
    expect(byOf(alice, id)).toEqual(['carol', 'bob'])
    expect(alice.stage.acknowledgedBy(id)).toEqual(['bob'])
  })

  it('is known to be at another in whose filters it is, of which one may hold it by chance', () => {
    const { alice, bob, carol, say } = apart()
    const id = say(alice, 'a', bob, carol)
    say(carol, 'c', alice, bob)
    // Bob names what came last, and this no more.
    for (let i = 0; i < 12; i++) say(carol, `c${i}`, bob)
    alice.restart()
    alice.input({ type: 'follow', messages: [{ messageId: id, acknowledgedBy: [] }] })
    say(bob, 'b1', alice)
    expect(byOf(alice, id)).toEqual(['carol'])
    for (let i = 0; i < 4; i++) say(bob, `b${2 + i}`, alice)
    expect(byOf(alice, id)).toEqual(['carol', 'bob'])
  })

  it('is known to be at another who names what comes after it, if his filter has it', () => {
    const { alice, bob, carol, say } = apart()
    const ids = ['a', 'b', 'c', 'd', 'e'].map((text) => say(alice, text, bob, carol))
    say(carol, 'c', alice)
    alice.restart()
    const messages = ids.map((messageId) => ({ messageId, acknowledgedBy: [] }))
    alice.input({ type: 'follow', messages })
    // He names the last two.
    say(bob, 'b', alice)
    for (const id of ids) expect(alice.stage.acknowledgedBy(id)).toEqual(['bob'])
  })

  it('is not known to be at another who has done without it, or only waits for it', () => {
    const { net, alice, bob, carol, say } = apart()
    const ids = ['a', 'b', 'c', 'd'].map((text) => say(alice, text, carol))
    say(carol, 'c', alice)
    alice.restart()
    alice.input({ type: 'follow', messages: ids.map((messageId) => ({ messageId, acknowledgedBy: [] })) })
    const filter = new RollingFilter('lip', 10_000, 0.001)
    for (const id of ids.slice(1)) filter.insert(id)
    const bloomFilter = filter.toWire()
    const causalHistory = [{ messageId: ids[2]!, senderId: 'alice' }]
    alice.receive(message({ senderId: 'bob', messageId: 'b', lamport: net.now, causalHistory, bloomFilter }))
    expect(ids.map((id) => alice.stage.acknowledgedBy(id))).toEqual([[], ['bob'], ['bob'], []])
    expect(bob.delivered).toEqual([])
  })

  it('is not taken for lost by what its receiver wrote before, which comes again', () => {
    // F10
    const { alice, bob, carol, say } = apart()
    say(bob, 'b', alice, carol)
    const before = bob.sent.findLast(({ kind }) => kind === 'content')!.payload
    const id = say(alice, 'a', bob, carol)
    say(bob, 'b1', alice)
    alice.restart()
    alice.input({ type: 'follow', messages: [{ messageId: id, acknowledgedBy: ['bob', 'carol'] }] })
    alice.receive(before)
    expect(alice.eventsOf('acknowledgement-withdrawn')).toEqual([])
    expect(alice.stage.acknowledgedBy(id)).toEqual(['bob', 'carol'])
  })

  it('is not followed unless that is asked for', () => {
    const { alice, bob, carol, say } = apart()
    const id = say(alice, 'a', bob, carol)
    say(carol, 'c', alice)
    alice.restart()
    for (let i = 0; i < 5; i++) say(bob, `b${i}`, alice)
    expect(byOf(alice, id)).toEqual(['carol'])
  })
})

describe('an own message that nobody had acknowledged before a restart', () => {
  it('is acknowledged by who names what comes after it, if his filter has it', () => {
    const { alice, bob, say } = apart()
    const ids = ['a', 'b', 'c', 'd', 'e'].map((text) => say(alice, text, bob))
    alice.restart()
    say(bob, 'b', alice)
    expect(ids.map((id) => byOf(alice, id))).toEqual(ids.map(() => ['bob']))
  })

  it('is not acknowledged by one filter that holds it, perhaps because it waits there', () => {
    const { alice, bob, say } = apart()
    say(alice, 'lost')
    const id = say(alice, 'waits', bob)
    alice.restart()
    say(bob, 'b', alice)
    expect(byOf(alice, id)).toEqual([])
    expect(alice.eventsOf('possibly-acknowledged').map(({ messageId }) => messageId)).toEqual([id])
  })
})

describe('a part of a content', () => {
  it('is known to be at another who names what comes after it, by one filter: a group that is silent says nothing new', () => {
    for (const names of [true, false]) {
      const net = new Network({ random: seeded(9) })
      net.passes = () => false
      const alice = net.join('alice', quiet)
      const ids = ['1', '2', '3'].map((text) => alice.say(text, false, { isPart: true }))
      const hears = (senderId: string, messageId: string, before: string[], filter?: RollingFilter): void => {
        const causalHistory = before.map((id) => ({ messageId: id }))
        const bloomFilter = filter?.toWire().slice()
        const content = filter === undefined ? { content: Uint8Array.of(1) } : { content: undefined }
        net.run(1)
        alice.receive(
          message({ senderId, messageId, lamport: net.now, causalHistory, bloomFilter, ...content }),
        )
      }
      // As in repairs, which have no filter.
      hears('bob', 'b', [ids[0]!])
      hears('carol', 'c1', ids.slice(1))
      hears('carol', 'c2', ['b', 'c1'])
      hears('carol', 'c3', ['c2'])
      expect(ids.map((id) => byOf(alice, id))).toEqual([['bob'], ['carol'], ['carol']])
      const filter = new RollingFilter('lip', 10_000, 0.001)
      for (const id of [...ids, 'b', 'c1', 'c2', 'c3']) filter.insert(id)
      hears('dave', 'sync', names ? ['c3', 'c2'] : ['b'], filter)
      expect(ids.every((id) => byOf(alice, id).includes('dave'))).toBe(names)
    }
  })

  it('is known to be at another in whose filters it is, though it is not named there any more', () => {
    for (const isPart of [true, false]) {
      const net = new Network({ random: seeded(9) })
      net.passes = () => false
      const alice = net.join('alice', quiet)
      const ids = ['1', '2'].map((text) => alice.say(text, false, { isPart }))
      const named = (index: number) => [{ messageId: ids[index]!, senderId: 'alice' }]
      const filter = new RollingFilter('lip', 10_000, 0.001)
      const hears = (senderId: string, messageId: string, causalHistory: ReturnType<typeof named>): void => {
        filter.insert(messageId)
        const bloomFilter = causalHistory.length > 0 ? undefined : filter.toWire().slice()
        alice.receive(message({ senderId, messageId, lamport: net.now, causalHistory, bloomFilter }))
      }
      // As in a repair, which has no filter.
      hears('bob', 'b', named(0))
      hears('carol', 'c1', named(1))
      for (const id of ids) filter.insert(id)
      hears('carol', 'c2', [])
      expect(ids.map((id) => byOf(alice, id))).toEqual([['bob'], ['carol']])
      hears('carol', 'c3', [])
      expect(ids.map((id) => byOf(alice, id))).toEqual([isPart ? ['bob', 'carol'] : ['bob'], ['carol']])
    }
  })
})
