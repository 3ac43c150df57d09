import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import type { SdsOptions } from '../options.ts'

const quiet = { ...LIP_TIMES, periodicSyncMs: 0 }
const network = (): Network => new Network({ random: seeded(5) })

/** Times after the start at which a peer sent something of a kind. */
function timesOf(net: Network, peer: Peer, kind: string, ms: number): number[] {
  const start = net.now
  const times: number[] = []
  let seen = peer.sent.length
  while (net.now < start + ms) {
    net.run(100)
    for (; seen < peer.sent.length; seen++) if (peer.sent[seen]!.kind === kind) times.push(net.now - start)
  }
  return times
}

const alone = (options: Partial<SdsOptions> = {}): { net: Network; alice: Peer } => {
  const net = network()
  return { net, alice: net.join('alice', { ...quiet, ...options }) }
}

describe('retransmission after fixed waits', () => {
  // SWP-01
  it('repeats an unacknowledged message after 5 s, five times, each wait longer', () => {
    const { net, alice } = alone()
    alice.say('hi')
    const times = timesOf(net, alice, 'retransmission', 200_000)
    expect(times).toEqual([5_000, 12_500, 23_800, 40_700, 66_000])
  })

  it('is acknowledged after it was given up, by who was merely away', () => {
    // F2
    const { net, alice } = alone()
    alice.say('hi')
    const bob = net.join('bob', quiet)
    bob.online = false
    net.run(200_000)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
    bob.receive(alice.sent[0]!.payload)
    bob.online = true
    net.run(10_000)
    expect(alice.eventsOf('acknowledged')).toMatchObject([{ by: 'bob', first: true }])
  })

  // SWP-01
  it('waits longer for a possibly acknowledged message', () => {
    const { net, alice } = alone()
    alice.say('1')
    alice.say('2')
    const bob = net.join('bob', { ...quiet, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 })
    bob.receive(alice.sent[1]!.payload)
    bob.say('hm')
    net.run(50)
    bob.online = false
    expect(alice.eventsOf('possibly-acknowledged')).toHaveLength(1)
    net.run(14_000)
    const again = alice.sent.filter(({ kind }) => kind === 'retransmission')
    expect(again.map(({ payload }) => new TextDecoder().decode(decoded(payload).content))).toEqual(['1', '1'])
    net.run(1_000)
    expect(alice.sent.filter(({ kind }) => kind === 'retransmission')).toHaveLength(3)
  })

  // SWP-04
  it('reports the failure once the last retransmission went unacknowledged, and never success', () => {
    const { net, alice } = alone({ maxRetransmissions: 2 })
    const id = alice.say('hi')
    net.run(5_000 + 7_500 + 11_249)
    expect(alice.eventsOf('delivery-failed')).toEqual([])
    net.run(2)
    expect(alice.eventsOf('delivery-failed')).toEqual([
      { type: 'delivery-failed', messageId: id, retransmissions: 2 },
    ])
    expect(alice.eventsOf('acknowledged')).toEqual([])
    expect(alice.stage.deadline()).toBeUndefined()
    // It is known to be given up, after a restart too: nothing is sent.
    expect([...alice.store.keys()].filter((key) => key.startsWith('out/'))).toHaveLength(1)
    alice.restart()
    net.run(600_000)
    expect(alice.eventsOf('retransmitted')).toHaveLength(2)
  })

  it('is the same message with the filter of now', () => {
    const { net, alice } = alone()
    alice.say('1')
    alice.say('2')
    net.run(6_000)
    const [first, , again] = alice.messages()
    expect({ ...again, bloomFilter: undefined }).toEqual({ ...first, bloomFilter: undefined })
    expect(again!.bloomFilter).not.toEqual(first!.bloomFilter)
  })

  it('makes no second copy while one waits to be dispatched, and starts its timer when it was', () => {
    const { net, alice } = alone({ dispatch: 'reported' })
    const id = alice.say('hi')
    net.run(600_000)
    expect(alice.sent).toHaveLength(1)
    alice.input({ type: 'dispatch-ended', messageId: id, outcome: 'failed' })
    net.run(4_999)
    expect(alice.sent).toHaveLength(1)
    net.run(2)
    expect(alice.sent).toHaveLength(2)
    net.run(600_000)
    expect(alice.sent).toHaveLength(2)
    alice.input({ type: 'dispatch-ended', messageId: id, outcome: 'dispatched' })
    net.run(7_501)
    expect(alice.sent).toHaveLength(3)
  })

  it('waits for reports once there was one', () => {
    const { net, alice } = alone()
    alice.input({ type: 'dispatch-ended', messageId: alice.say('1'), outcome: 'dispatched' })
    alice.say('2')
    net.run(60_000)
    expect(alice.messages().map(({ content }) => new TextDecoder().decode(content))).toEqual(['1', '2', '1'])
  })

  // X3
  it('waits after the machine slept, until the channel may have caught up', () => {
    const { net, alice } = alone()
    alice.say('hi')
    net.run(1_000)
    net.now += 3_600_000
    alice.input({ type: 'suspended', lateMs: 3_600_000 })
    expect(alice.stage.deadline()).toBe(net.now + 5_000)
  })

  // X3
  it('keeps its time after a sleep where that was not overdue, however often that is told', () => {
    const { net, alice } = alone()
    alice.say('hi')
    const due = net.now + 5_000
    for (let i = 0; i < 10; i++) {
      net.now += 100
      alice.input({ type: 'suspended', lateMs: 3_600_000 })
    }
    expect(alice.stage.deadline()).toBe(due)
  })

  it('delivers a burst to two peers through 30 % loss within a minute, at little more than its own cost', () => {
    for (const seed of [1, 2, 3]) {
      const net = new Network({ random: seeded(seed), jitterMs: 100 })
      const repair = { tMinMs: 1_000, tMaxMs: 5_000 }
      const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => net.join(name, { repair })) as [
        Peer,
        Peer,
        Peer,
      ]
      // No newcomers: those would do without what comes late before their first message.
      alice.say('hello')
      net.run(10_000)
      net.loss = 0.3
      for (let i = 0; i < 52; i++) alice.say(`${i}`)
      net.run(60_000)
      const all = ['hello', ...Array.from({ length: 52 }, (_, i) => `${i}`)]
      expect(bob.texts(), `seed ${seed}`).toEqual(all)
      expect(carol.texts(), `seed ${seed}`).toEqual(all)
      expect(
        alice.eventsOf('acknowledged').filter(({ first }) => first),
        `seed ${seed}`,
      ).toHaveLength(53)
      expect(alice.sent.length, `seed ${seed}`).toBeLessThan(3 * 52)
    }
  })
})
