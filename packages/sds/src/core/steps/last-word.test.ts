import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'

const network = (): Network => new Network({ random: seeded(13) })
const quiet = { periodicSyncMs: 0 }

const syncsOf = (peer: Peer): number => peer.sent.filter(({ kind }) => kind === 'sync').length

describe('a participant that leaves', () => {
  it('acknowledges at once what it has just received', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const messageId = alice.say('hi')
    net.run(60)
    expect(syncsOf(bob)).toBe(0)
    bob.input({ type: 'last-word' })
    expect(bob.messages('sync')[0]!.causalHistory).toEqual([{ messageId, senderId: 'alice' }])
    net.run(60)
    expect(alice.eventsOf('acknowledged')).toHaveLength(1)
  })

  it('says nothing when nothing is to be acknowledged', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    alice.say('hi')
    net.run(3_000)
    // In a pair it says so again, for the case that it got lost.
    const said = syncsOf(bob)
    expect(said).toBeGreaterThan(0)
    bob.input({ type: 'last-word' })
    alice.input({ type: 'last-word' })
    expect([syncsOf(alice), syncsOf(bob)]).toEqual([0, said])
  })

  it('says it once, and nothing after it', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob')
    alice.say('hi')
    net.run(60)
    bob.say('hello')
    alice.online = false
    alice.say('again')
    bob.receive(alice.sent.at(-1)!.payload)
    bob.input({ type: 'last-word' })
    bob.input({ type: 'last-word' })
    expect(syncsOf(bob)).toBe(1)
    const said = bob.sent.length
    net.run(600_000)
    expect(bob.sent).toHaveLength(said)
    expect(bob.stage.deadline()).toBeUndefined()
  })

  it('acknowledges what an own message that has not left would have acknowledged', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    const messageId = alice.say('hi')
    net.run(60)
    bob.say('the answer, which waits')
    bob.input({ type: 'last-word' })
    expect(bob.messages('sync')[0]!.causalHistory.map((entry) => entry.messageId)).toContain(messageId)
  })

  it('does not say again what a sync message on its way says', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    alice.say('hi')
    net.run(3_000)
    expect(syncsOf(bob)).toBe(1)
    bob.input({ type: 'last-word' })
    expect(syncsOf(bob)).toBe(1)
  })

  it('says again what did not leave, however soon after', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, dispatch: 'reported' })
    alice.say('hi')
    net.run(3_000)
    const { messageId } = bob.sent[0]!
    bob.input({ type: 'dispatch-ended', messageId, outcome: 'failed' })
    bob.input({ type: 'last-word' })
    expect(syncsOf(bob)).toBe(2)
  })
})
