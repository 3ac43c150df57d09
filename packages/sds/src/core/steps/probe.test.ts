import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0, repair: { enabled: false } }
const network = (): Network => new Network({ random: seeded(5) })

/** The messages that a peer sends again, each with the time since `start`. */
function copiesOf(net: Network, peer: Peer, ms: number): { id: string; at: number }[] {
  const start = net.now
  const copies: { id: string; at: number }[] = []
  let seen = peer.sent.length
  while (net.now < start + ms) {
    net.run(10)
    for (; seen < peer.sent.length; seen++) {
      const { kind, messageId } = peer.sent[seen]!
      if (kind === 'retransmission') copies.push({ id: messageId, at: net.now - start })
    }
  }
  return copies
}

describe('probes', () => {
  // SWP-01
  it('send the newest again after a second or so for all that wait, again soon after, then each after a wait half as long again, twelve times', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const ids = ['1', '2', '3'].map((text) => alice.say(text))
    const copies = copiesOf(net, alice, 600_000)
    expect(new Set(copies.map(({ id }) => id))).toEqual(new Set([ids[2]]))
    const [first] = copies
    expect(first!.at).toBeGreaterThanOrEqual(1_000)
    expect(first!.at).toBeLessThanOrEqual(1_500)
    const waits = copies.map(({ at }, i) => at - (copies[i - 1]?.at ?? 0))
    for (const [i, wait] of waits.entries())
      expect(Math.abs(wait - first!.at * 1.5 ** (i === 1 ? 0.5 : i))).toBeLessThan(20)
    expect(copies).toHaveLength(12)
  })

  // SWP-04
  it('end with the failure of all that waited', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const ids = ['1', '2', '3'].map((text) => alice.say(text))
    net.run(250_000)
    expect(alice.eventsOf('delivery-failed')).toEqual([])
    net.run(350_000)
    expect(
      alice
        .eventsOf('delivery-failed')
        .map(({ messageId }) => messageId)
        .toSorted(),
    ).toEqual(ids.toSorted())
    expect(alice.eventsOf('acknowledged')).toEqual([])
    expect(alice.stage.deadline()).toBeUndefined()
    // They are known to be given up, after a restart too.
    expect([...alice.store.keys()].filter((key) => key.startsWith('out/'))).toHaveLength(ids.length)
  })

  it('are as many as the settings say', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, maxRetransmissions: 2 })
    alice.say('hi')
    expect(copiesOf(net, alice, 60_000)).toHaveLength(2)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
  })

  it('come sooner where round trips are short, and never before half a second', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    for (let i = 0; i < 40; i++) {
      alice.say(`${i}`)
      net.run(5_000)
    }
    expect(alice.eventsOf('acknowledged')).toHaveLength(40)
    bob.online = false
    alice.say('lost')
    const [first] = copiesOf(net, alice, 5_000)
    expect(first!.at).toBeGreaterThanOrEqual(500)
    expect(first!.at).toBeLessThan(900)
  })

  it('begin anew with short waits once somebody is heard who has, or lacks, something', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.online = false
    alice.say('1')
    copiesOf(net, alice, 30_000)
    bob.online = true
    net.run(30_000)
    expect(alice.eventsOf('acknowledged')).toHaveLength(1)
    bob.online = false
    alice.say('2')
    const [first, second] = copiesOf(net, alice, 10_000)
    expect(second!.at - first!.at).toBeLessThan(3_000)
  })
})
