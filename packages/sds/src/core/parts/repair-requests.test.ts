import { describe, expect, it } from 'vitest'
import type { SdsOptions } from '../options.ts'
import { settingsOf } from '../defaults.ts'
import { DueHeap } from './due-heap.ts'
import { Group } from './group.ts'
import { Horizons } from './horizons.ts'
import type { GiveUp, MissingMessage } from './missing-message.ts'
import { MissingMessages } from './missing-messages.ts'
import { RepairRequests } from './repair-requests.ts'
import { RoundTrips } from './round-trips.ts'

const NOW = 1_000_000

/** A message of an author is missing to somebody who has heard others; chance is always in the middle. */
function missing(author: string, others: readonly string[], options: Partial<SdsOptions> = {}) {
  const settings = settingsOf({ participantId: 'me', channelId: 'channel', random: () => 0.5, ...options })
  const group = new Group(settings)
  for (const other of others) group.hear(other, NOW)
  const requests = new RepairRequests(settings, group, new RoundTrips(settings.ackSyncMinMs))
  const all = new MissingMessages(settings, new DueHeap<GiveUp>(), new Horizons(settings))
  const one: MissingMessage = all.add({ messageId: 'x', senderId: author }, author, NOW).missing
  return { requests, one }
}

/** After each of so many requests, how long it takes until the next, ms. */
function waits({ requests, one }: ReturnType<typeof missing>, count: number): number[] {
  return Array.from({ length: count }, () => {
    requests.asked([one], 100, NOW)
    return Math.round(requests.next! - NOW)
  })
}

describe('what was asked for in vain', () => {
  it('is asked for again when each of two others has had a turn, and half a second or more later: then in twice the time', () => {
    // Three members; (1.5 + 3 turns) of 350 ms, and 500 to 1,000 ms of chance.
    expect(waits(missing('author', ['bob', 'carol']), 4)).toEqual([2_325, 4_650, 9_300, 18_600])
  })

  it('waits for no more turns than five, in groups of any size, and never longer than T_max', () => {
    const others = Array.from({ length: 12 }, (_, i) => `member ${i}`)
    expect(waits(missing('author', others), 1)).toEqual([3_025])
    expect(waits(missing('author', others), 12).at(-1)).toBe(300_000)
  })

  it('of an author who is there is asked for at the same pace ten times, and then in twice the time', () => {
    const times = waits(missing('author', ['author']), 12)
    expect(new Set(times.slice(0, 10)).size).toBe(1)
    expect(times[10]).toBe(2 * times[0]!)
    expect(times[11]).toBe(4 * times[0]!)
  })
})

describe('what others ask for too', () => {
  it('may wait for them three times, and three times more once it was asked for', () => {
    const { requests, one } = missing('author', ['bob', 'carol'])
    const dues = (): (number | undefined)[] =>
      [1, 2, 3, 4].map((second) => {
        requests.deferToOthers(one, NOW + 1_000 * second)
        return requests.next
      })
    requests.schedule(one, NOW)
    for (let round = 0; round < 2; round++) {
      const [first, second, third, fourth] = dues()
      expect(second! - first!).toBe(1_000)
      expect(third! - second!).toBe(1_000)
      expect(fourth).toBe(third)
      requests.asked([one], 100, NOW)
    }
  })
})
