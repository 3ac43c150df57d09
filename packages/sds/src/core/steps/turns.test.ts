import { describe, expect, it } from 'vitest'
import { Arrivals } from '../parts/arrivals.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0, repair: { enabled: false } }

const syncsOf = (peer: Peer): number => peer.sent.filter(({ kind }) => kind === 'sync').length

/** alice, who does not send again by herself, and four others; all have spoken, and all is said. */
function group(seed: number) {
  const net = new Network({ random: seeded(seed) })
  const alice = net.join('alice', { ...quiet, acknowledgementTimeoutMs: 1e9 })
  const others = ['bob', 'carol', 'dave', 'erin'].map((name) => net.join(name, quiet))
  for (const peer of [alice, ...others]) {
    peer.say(`from ${peer.name}`)
    net.run(10_000)
  }
  const before = others.map(syncsOf)
  /** How often each of the others has acknowledged since. */
  const counts = (): number[] => others.map((peer, i) => syncsOf(peer) - before[i]!)
  const speakers = (): number => counts().filter((count) => count > 0).length
  return { net, alice, others, counts, speakers }
}

describe('turns in a group of five', () => {
  it('let exactly one acknowledge, once', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { net, alice, counts } = group(seed)
      alice.say('hi')
      net.run(60_000)
      expect(
        counts().toSorted((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual([0, 0, 0, 1])
    }
  })

  it('come to everybody', () => {
    const { net, alice, speakers } = group(1)
    for (let i = 0; i < 30; i++) {
      alice.say(`${i}`)
      net.run(10_000)
    }
    expect(speakers()).toBe(4)
  })

  it('pass to the second where the first is not heard', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { net, alice, counts } = group(seed)
      let first: Peer | undefined
      net.passes = (from) => {
        if (from !== alice) first ??= from
        return from !== first
      }
      const id = alice.say('hi')
      net.run(1_000)
      expect(
        counts().toSorted((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual([0, 0, 1, 1])
      expect(alice.eventsOf('acknowledged').some(({ messageId }) => messageId === id)).toBe(true)
    }
  })

  it('leave it to those two, until the message has come again twice: then others acknowledge too', () => {
    const { net, alice, others, speakers } = group(3)
    net.passes = (from) => from === alice
    alice.say('hi')
    const { payload } = alice.sent.at(-1)!
    net.run(10_000)
    expect(speakers()).toBe(2)
    const again = (): void => {
      for (const peer of others) peer.receive(payload)
      net.run(10_000)
    }
    again()
    expect(speakers()).toBe(2)
    again()
    expect(speakers()).toBe(4)
  })
})

describe('in a pair', () => {
  it('an acknowledgement is repeated twice, soon after, until it is known how little is lost', () => {
    const net = new Network({ random: seeded(2) })
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const times: number[] = []
    bob.say('here')
    net.run(10_000)
    alice.say('hi')
    const start = net.now
    for (let seen = 0; net.now < start + 10_000;) {
      net.run(10)
      for (; seen < syncsOf(bob); seen++) times.push(net.now - start)
    }
    expect(times).toHaveLength(3)
    // 50 ms on the way, and 100 to 250 ms.
    expect(times[0]).toBeGreaterThanOrEqual(150)
    expect(times[0]).toBeLessThanOrEqual(310)
    for (const gap of [times[1]! - times[0]!, times[2]! - times[1]!]) {
      expect(gap).toBeGreaterThanOrEqual(100)
      expect(gap).toBeLessThanOrEqual(310)
    }
    for (let i = 0; i < 100; i++) {
      alice.say(`${i}`)
      net.run(5_000)
    }
    const before = syncsOf(bob)
    alice.say('once more')
    net.run(5_000)
    expect(syncsOf(bob) - before).toBe(1)
  })

  it('an acknowledgement is made once where another participant of the same network has found that little is lost', () => {
    const losses = { arrived: 0, missed: 0 }
    const elsewhere = new Arrivals(losses)
    for (let i = 0; i < 20; i++) elsewhere.came(i, true)
    const net = new Network({ random: seeded(2) })
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, losses })
    bob.say('here')
    net.run(10_000)
    alice.say('hi')
    net.run(10_000)
    expect(syncsOf(bob)).toBe(1)
    for (let i = 0; i < 20; i++) elsewhere.missed()
    alice.say('hi')
    net.run(10_000)
    expect(syncsOf(bob)).toBe(1 + 3)
  })

  it('who was never heard waits for up to a second more: others may be there who know each other', () => {
    const delays = Array.from({ length: 50 }, (_, seed) => {
      const net = new Network({ random: seeded(seed) })
      const alice = net.join('alice', quiet)
      const bob = net.join('bob', quiet)
      alice.say('hi')
      const start = net.now
      while (syncsOf(bob) === 0) net.run(10)
      return net.now - start
    })
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(150)
    expect(Math.max(...delays)).toBeGreaterThan(500)
    expect(Math.max(...delays)).toBeLessThanOrEqual(50 + 250 + 1_000)
  })

  it('steady content is acknowledged by fours, and the last of it too', () => {
    const net = new Network({ random: seeded(2) })
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const say = (count: number): void => {
      for (let i = 0; i < count; i++) {
        alice.say(`${i}`)
        net.run(1_000)
      }
    }
    say(40)
    const before = syncsOf(bob)
    say(40)
    expect(syncsOf(bob) - before).toBeGreaterThanOrEqual(8)
    expect(syncsOf(bob) - before).toBeLessThanOrEqual(12)
    net.run(5_000)
    expect(alice.eventsOf('acknowledged')).toHaveLength(80)
    expect(alice.eventsOf('retransmitted')).toEqual([])
  })
})
