import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../../test/network.ts'
import { LogEntry } from '../history/log-entry.ts'
import type { SdsOptions } from '../options.ts'
import { settingsOf } from '../defaults.ts'
import { Arrivals } from './arrivals.ts'
import { DueHeap } from './due-heap.ts'
import { Group } from './group.ts'
import { Horizons } from './horizons.ts'
import { Owed } from './owed.ts'
import type { GiveUp } from './missing-message.ts'
import { MissingMessages } from './missing-messages.ts'
import { ParkedMessages } from './parked.ts'
import { RepairRequests } from './repair-requests.ts'
import { RoundTrips } from './round-trips.ts'
import { Turns } from './turns.ts'

const NOW = 1_000_000
const FIRST_MS = 100
const LAST_MS = 250
const SLOT_MS = 350

/** The turns of a member, who has heard others, and when he spoke last. */
function member(
  participantId: string,
  others: readonly string[],
  { spokeAt = NOW - 1_000, ...options }: Partial<SdsOptions> & { spokeAt?: number } = {},
) {
  const settings = settingsOf({ participantId, channelId: 'channel', random: seeded(3), ...options })
  const group = new Group(settings)
  const owed = new Owed(settings.possibleAcknowledgementThreshold)
  const arrivals = new Arrivals()
  const missing = new MissingMessages(settings, new DueHeap<GiveUp>(), new Horizons(settings))
  const parked = new ParkedMessages(settings, missing)
  const requests = new RepairRequests(settings, group, new RoundTrips(settings.ackSyncMinMs))
  const turns = new Turns(settings, group, owed, arrivals, missing, parked, requests)
  for (const other of others) group.hear(other, NOW)
  turns.spoken(spokeAt)
  return { turns, owed, arrivals, parked, requests }
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `member ${i}`)

/** How long each of a group would wait before it acknowledges a message of the first. */
function delays(messageId: string, all: readonly string[], times = 0): number[] {
  const [author = '', ...rest] = all
  return rest.map((name) => {
    const { turns, owed } = member(
      name,
      all.filter((other) => other !== name),
    )
    owed.add(messageId, author, NOW)
    for (let i = 0; i < times; i++) owed.addAgain(messageId, author, NOW)
    return turns.delayMs(NOW)
  })
}

const ids = fc.string({ minLength: 1 })

describe('whose turn it is to acknowledge', () => {
  it('is one member’s, then one other’s a slot later, and nobody else’s, whatever the message and the size', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 4, max: 30 }), (messageId, count) => {
        const [first, second, ...rest] = delays(messageId, names(count)).toSorted((a, b) => a - b)
        expect(first).toBeGreaterThanOrEqual(FIRST_MS)
        expect(first).toBeLessThanOrEqual(LAST_MS)
        expect(second).toBeGreaterThanOrEqual(FIRST_MS + SLOT_MS)
        expect(second).toBeLessThanOrEqual(LAST_MS + SLOT_MS)
        for (const delay of rest) expect(delay).toBe(Infinity)
      }),
      { numRuns: 30 },
    )
  })

  it('differs from message to message', () => {
    const first = new Set<number>()
    for (let i = 0; i < 60; i++) {
      const all = delays(`message ${i}`, names(5))
      first.add(all.indexOf(Math.min(...all)))
    }
    expect(first.size).toBe(4)
  })

  it('is everybody’s, after the speakers, once the message has come again twice', () => {
    fc.assert(
      fc.property(ids, (messageId) => {
        expect(delays(messageId, names(8), 1).filter((delay) => delay === Infinity)).toHaveLength(5)
        const all = delays(messageId, names(8), 2).toSorted((a, b) => a - b)
        for (const delay of all.slice(2)) {
          expect(delay).toBeGreaterThanOrEqual(FIRST_MS + 2 * SLOT_MS)
          expect(delay).toBeLessThanOrEqual(LAST_MS + 2 * SLOT_MS + 1_000)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('is not his who has been silent for ten minutes: others do not count on him', () => {
    const { turns, owed } = member('bob', names(6), { spokeAt: NOW - 600_001 })
    owed.add('id', 'member 0', NOW)
    expect(turns.delayMs(NOW)).toBe(Infinity)
  })

  it('is the other’s in a pair, and half a second later where nobody knows of him', () => {
    const known = member('bob', ['alice'])
    known.owed.add('id', 'alice', NOW)
    expect(known.turns.isPair).toBe(true)
    expect(known.turns.delayMs(NOW)).toBeLessThanOrEqual(LAST_MS)
    const waits = Array.from({ length: 50 }, (_, seed) => {
      const { turns, owed } = member('bob', ['alice'], { spokeAt: -Infinity, random: seeded(seed) })
      owed.add('id', 'alice', NOW)
      return turns.delayMs(NOW)
    })
    expect(Math.max(...waits)).toBeGreaterThan(LAST_MS)
    expect(Math.max(...waits)).toBeLessThanOrEqual(LAST_MS + 500)
  })
})

describe('an acknowledgement', () => {
  /** bob, to whom content has come steadily, the last of it now. */
  function steady(options: Partial<SdsOptions> = {}) {
    const bob = member('bob', ['alice'], options)
    for (let i = 5; i >= 0; i--) bob.arrivals.came(NOW - 500 * i, true)
    bob.owed.add('id', 'alice', NOW)
    return bob
  }

  it('waits for more where content is steady, and may wait on when its time has come too early', () => {
    const { turns } = steady()
    expect(turns.delayMs(NOW)).toBe(2_000)
    expect(turns.mayWait(NOW + 1_799)).toBe(true)
    expect(turns.mayWait(NOW + 1_800)).toBe(false)
  })

  it('does not where what is owed has come again, or is as much as one message says', () => {
    const again = steady()
    again.owed.addAgain('id', 'alice', NOW)
    const much = steady({ maxAcknowledged: 2 })
    much.owed.add('another', 'alice', NOW)
    for (const { turns } of [again, much]) {
      expect(turns.delayMs(NOW)).toBeLessThanOrEqual(LAST_MS)
      expect(turns.mayWait(NOW)).toBe(false)
    }
  })

  it('does not where something waits for what is missing', () => {
    const { turns, parked } = steady()
    const entry = new LogEntry({
      sequence: 1,
      messageId: 'waits',
      senderId: 'alice',
      lamport: NOW,
      causalHistory: [],
      content: Uint8Array.of(1),
    })
    parked.park(entry, undefined, undefined)
    expect(turns.delayMs(NOW)).toBeLessThanOrEqual(LAST_MS)
    expect(turns.mayWait(NOW)).toBe(false)
  })

  it('has the times that are given where the quota is tight, by nobody’s turn', () => {
    const { turns, owed } = member('bob', names(6), { paceMs: 30_000 })
    owed.add('id', 'member 0', NOW)
    const delay = turns.delayMs(NOW)
    expect(delay).toBeGreaterThanOrEqual(20_000)
    expect(delay).toBeLessThan(Infinity)
  })
})

describe('where timers come late', () => {
  it('acknowledgements are said at once, until three in a row were in time', () => {
    const { turns, owed } = member('bob', names(6))
    owed.add('id', 'member 0', NOW)
    turns.noteInput(NOW - 501, NOW)
    expect(turns.isLate(NOW)).toBe(true)
    expect(turns.delayMs(NOW)).toBe(0)
    for (const [count, isLate] of [true, true, false].entries()) {
      turns.noteTick(NOW + count, NOW + count)
      expect(turns.isLate(NOW + count)).toBe(isLate)
    }
  })

  it('one that is half a second late is none, nor is a tick at which nothing was due', () => {
    const { turns } = member('bob', [])
    turns.noteInput(NOW - 500, NOW)
    turns.noteInput(undefined, NOW)
    turns.noteTick(undefined, NOW)
    turns.noteTick(NOW + 1_000, NOW)
    expect(turns.isLate(NOW)).toBe(false)
  })

  it('they are taken to be for ten minutes', () => {
    const { turns } = member('bob', [])
    turns.noteTick(NOW - 60_000, NOW)
    expect([turns.isLate(NOW + 599_999), turns.isLate(NOW + 600_000)]).toEqual([true, false])
    turns.shift(-1_000)
    expect(turns.isLate(NOW + 599_000)).toBe(false)
  })
})
