import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'

/** Times, ms from the start, at which somebody sends a periodic sync message. */
function periodicTimes(net: Network, peers: readonly Peer[], ms: number): number[] {
  const start = net.now
  const count = (): number =>
    peers.reduce(
      (sum, peer) => sum + peer.eventsOf('sync-sent').filter(({ reason }) => reason === 'periodic').length,
      0,
    )
  const times: number[] = []
  for (let seen = count(); net.now < start + ms;) {
    net.run(1_000)
    for (; seen < count(); seen++) times.push(net.now - start)
  }
  return times
}

const settled = { repair: { enabled: false } }

describe('silence', () => {
  // SYN-09
  it('is broken 12 to 24 s after content, then ever more rarely, down to once in ten to twenty minutes', () => {
    const net = new Network({ random: seeded(6) })
    const peers = ['alice', 'bob'].map((name) => net.join(name, settled))
    peers[0]!.say('hi')
    const times = periodicTimes(net, peers, 6 * 3_600_000)
    expect(times[0]).toBeGreaterThanOrEqual(12_000)
    expect(times[0]).toBeLessThanOrEqual(26_000)
    const gaps = times.slice(1).map((at, i) => at - times[i]!)
    expect(gaps[0]).toBeGreaterThanOrEqual(23_000)
    const late = gaps.slice(8)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(595_000)
    expect(Math.max(...late)).toBeLessThanOrEqual(1_210_000)
  })

  it('is short again after more content', () => {
    const net = new Network({ random: seeded(6) })
    const peers = ['alice', 'bob'].map((name) => net.join(name, settled))
    peers[0]!.say('hi')
    net.run(6 * 3_600_000)
    peers[0]!.say('again')
    const [first] = periodicTimes(net, peers, 60_000)
    expect(first).toBeGreaterThanOrEqual(12_000)
    expect(first).toBeLessThanOrEqual(26_000)
  })
})
