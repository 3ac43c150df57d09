import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'

const MINUTE_MS = 60_000

/** bob has heard alice's first and third message, and not her second. Only repairs are sent again. */
function withHole() {
  const net = new Network({ random: seeded(5) })
  const alice = net.join('alice', { periodicSyncMs: 0, maxRetransmissions: 0 })
  const bob = net.join('bob', { periodicSyncMs: 0, dispatch: 'reported' })
  alice.say('one')
  net.run(5_000)
  net.passes = (_, to) => to !== bob
  const lost = alice.say('two')
  net.passes = () => true
  alice.say('three')
  net.run(60)
  return { net, alice, bob, lost }
}

/** Lets time pass; what `peer` sends meanwhile leaves, or does not. */
function run(net: Network, peer: Peer, ms: number, outcome: 'dispatched' | 'failed'): void {
  net.passes = (from) => from !== peer || outcome === 'dispatched'
  let seen = peer.sent.length
  for (let passed = 0; passed < ms; passed += 100) {
    net.run(100)
    for (; seen < peer.sent.length; seen++) {
      const { messageId, kind } = peer.sent[seen]!
      if (kind === 'sync') peer.input({ type: 'dispatch-ended', messageId, outcome, kind })
      else peer.input({ type: 'dispatch-ended', messageId, outcome })
    }
  }
}

const idsOf = (peer: Peer, type: 'lost' | 'past'): string[] =>
  peer.eventsOf(type).flatMap(({ entries }) => entries.map(({ messageId }) => messageId))

// F2
describe('a missing message that was given up', () => {
  it('is asked for again when something leaves after nothing did, and comes late', () => {
    const { net, bob, lost } = withHole()
    run(net, bob, 30 * MINUTE_MS, 'failed')
    expect(idsOf(bob, 'lost')).toEqual([lost])
    expect(bob.texts()).toEqual(['one', 'three'])
    run(net, bob, 2 * MINUTE_MS, 'dispatched')
    expect(bob.texts()).toEqual(['one', 'three', 'two'])
    expect(bob.delivered.at(-1)!.late).toBe(true)
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  it.each([
    ['the same process', () => {}],
    ['the next process', (peer: Peer) => peer.restart()],
  ])('is asked for again when somebody is heard after a silence, by %s', (_, goOn) => {
    const { net, alice, bob, lost } = withHole()
    alice.online = false
    run(net, bob, 30 * MINUTE_MS, 'dispatched')
    expect(idsOf(bob, 'lost')).toEqual([lost])
    goOn(bob)
    alice.online = true
    alice.say('four')
    run(net, bob, 10_000, 'dispatched')
    expect(bob.texts()).toEqual(['one', 'three', 'four', 'two'])
  })

  it('is looked for once in the time after which it was given up, whoever is heard, and is not lost twice', () => {
    const { net, alice, bob, lost } = withHole()
    alice.online = false
    run(net, bob, 30 * MINUTE_MS, 'dispatched')
    const searches = (): number =>
      bob.eventsOf('missing').filter(({ dependent }) => dependent === lost).length
    for (let i = 0; i < 20; i++) {
      bob.receive(message({ senderId: `mallory-${i}`, messageId: `m${i}`, lamport: net.now }))
      run(net, bob, 20_000, 'dispatched')
    }
    expect(searches()).toBe(1)
    // It was given up, and is still looked for.
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 1 })
    run(net, bob, 30 * MINUTE_MS, 'dispatched')
    expect(searches()).toBe(2)
    expect(idsOf(bob, 'lost')).toEqual([lost])
    expect(idsOf(bob, 'past')).toEqual([])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 1 })
  })

  it('is one of the newest 64 that are looked for', () => {
    const net = new Network({ random: seeded(5) })
    const bob = net.join('bob', { periodicSyncMs: 0 })
    bob.receive(message({ messageId: 'first', lamport: net.now }))
    const causalHistory = Array.from({ length: 100 }, (_, i) => ({ messageId: `x${i}`, senderId: 'dave' }))
    bob.receive(message({ messageId: 'names', lamport: net.now, causalHistory }))
    net.run(30 * MINUTE_MS)
    expect(idsOf(bob, 'lost')).toHaveLength(100)
    const before = bob.events.length
    bob.receive(message({ senderId: 'erin', messageId: 'heard', lamport: net.now }))
    net.run(1_000)
    const searched = bob.events
      .slice(before)
      .flatMap((event) => (event.type === 'missing' ? event.entries : []))
    expect(searched.map(({ messageId }) => messageId)).toEqual(
      Array.from({ length: 64 }, (_, i) => `x${36 + i}`),
    )
  })
})
