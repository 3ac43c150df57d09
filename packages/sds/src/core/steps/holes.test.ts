import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'

/** Alice says so many things of which bob hears every other, by default options but for what is given. */
function everyOther(count: number, lostAfterMs: number): { net: Network; bob: Peer; said: string[] } {
  const net = new Network({ random: seeded(21) })
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) =>
    net.join(name, { persistent: false, lostAfterMs }),
  ) as [Peer, Peer, Peer]
  let number = 0
  net.passes = (from, to) => from !== alice || to !== bob || number % 2 === 0
  const said = Array.from({ length: count }, (_, i) => `line ${i}`)
  for (const text of said) {
    alice.say(text)
    net.run(5)
    number++
  }
  net.passes = (from, to) => from !== alice || to !== bob
  net.run(100)
  // Whoever wrote them has left; somebody else has them all.
  alice.online = false
  net.passes = () => true
  expect(carol.texts()).toEqual(said)
  return { net, bob, said }
}

// F21
describe('holes all over the log', () => {
  it('are filled by a member who has what is missing, and nothing is given up meanwhile', () => {
    // In as much time as 10,000 have by default.
    const { net, bob, said } = everyOther(2_000, 120_000)
    net.run(120_000)
    expect(bob.texts()).toEqual(said)
    expect(bob.eventsOf('lost')).toEqual([])
    expect(bob.stage.health()).toMatchObject({ state: 'synced', missing: 0, lost: 0 })
  })

  it('cost control data that grows with the holes, and not with their square', () => {
    const bytes = [250, 500, 1_000].map((count) => {
      const { net, bob } = everyOther(count, 600_000)
      net.run(300_000)
      return bob.sent.reduce((sum, { payload }) => sum + payload.length, 0)
    })
    expect(bytes[2]! / bytes[1]!).toBeLessThan(3)
    expect(bytes[1]! / bytes[0]!).toBeLessThan(3)
  })
})
