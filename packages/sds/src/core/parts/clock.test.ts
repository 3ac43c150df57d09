import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'
import { settingsOf } from '../defaults.ts'
import { Clock } from './clock.ts'

const HOUR = 3_600_000
const CONTENT = new TextEncoder().encode('ok')

/** Ids of the same content, by a clock that went so far once and is set back to before that. */
function idsAfter(aheadMs: number, random: () => number, count: number): string[] {
  const clock = new Clock(settingsOf({ participantId: 'alice', channelId: 'c', random }))
  const now = 1_750_000_000_000
  clock.restore({ lamport: now + aheadMs, lastId: { ms: now + aheadMs, nanos: 7 } })
  return Array.from({ length: count }, () => clock.newMessageId(CONTENT, now))
}

describe('ids of messages', () => {
  it.each([1, HOUR, 30 * 24 * HOUR])(
    'X12: are others after a rollback, with the last id %i ms ahead of the clock',
    (aheadMs) => {
      const random = seeded(1)
      const timelines = Array.from({ length: 5 }, () => idsAfter(aheadMs, random, 1_000))
      expect(new Set(timelines.flat()).size).toBe(5_000)
    },
  )

  it('are never the same twice, though what should be random is not', () => {
    expect(new Set(idsAfter(HOUR, () => 0.5, 1_000)).size).toBe(1_000)
  })
})

/** Alice's state, as a copy of her disk would hold it. */
const diskOf = ({ store }: Peer): ReadonlyMap<string, Uint8Array> => new Map(store)

function setBack(alice: Peer, disk: ReadonlyMap<string, Uint8Array>): void {
  alice.store.clear()
  for (const [key, value] of disk) alice.store.set(key, value)
  alice.restart()
}

describe('a rollback', () => {
  it.each([
    ['in the same order', ['yes', 'no', 'yes'], ['yes', 'no', 'yes']],
    ['in another', ['yes', 'no', 'ok'], ['no', 'ok', 'yes', 'yes']],
  ])('X12: takes nothing from others, who have heard the same texts %s', (_, before, after) => {
    for (let seed = 1; seed <= 5; seed++) {
      const net = new Network({ random: seeded(seed) })
      const [alice, bob, carol] = [net.join('alice'), net.join('bob'), net.join('carol')]
      net.now += HOUR
      alice.say('by a clock that is ahead')
      net.run(5_000)
      const disk = diskOf(alice)
      net.now -= HOUR
      alice.restart()
      for (const text of before) alice.say(text)
      net.run(60_000)
      // Twice, and both times from the same state.
      for (let i = 0; i < 2; i++) {
        setBack(alice, disk)
        for (const text of after) alice.say(text)
        net.run(60_000)
      }
      const said = ['by a clock that is ahead', ...before, ...after, ...after]
      for (const peer of [bob, carol]) expect(peer.texts(), `seed ${seed}`).toEqual(said)
    }
  })

  it('X12: lets ephemeral messages through that say the same', () => {
    const net = new Network({ random: seeded(3) })
    const [alice, bob] = [net.join('alice'), net.join('bob')]
    net.now += HOUR
    alice.say('ahead', true)
    net.run(1_000)
    const disk = diskOf(alice)
    net.now -= HOUR
    for (let i = 0; i < 3; i++) {
      setBack(alice, disk)
      alice.say('typing', true)
      net.run(1_000)
    }
    expect(bob.texts()).toEqual(['ahead', 'typing', 'typing', 'typing'])
  })
})
