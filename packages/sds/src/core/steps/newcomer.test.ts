import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, START, type Peer, seeded } from '../../../test/network.ts'
import { bloomHas, bloomParameters } from '../filter/bloom.ts'
import { openFilter } from '../filter/bloom-codec.ts'
import type { ContentRefusal, OfferedContent } from '../options.ts'
import type { HistoryEntry } from '../wire/message.ts'

const quiet = { periodicSyncMs: 0, persistent: false }

/** bob has just joined, and hears a message that comes after another. */
function newcomer(before: HistoryEntry, options = {}) {
  const net = new Network({ random: seeded(11) })
  const bob = net.join('bob', { ...quiet, ...options })
  bob.receive(message({ messageId: 'b', causalHistory: [before] }))
  return { net, bob }
}

/** Whether what a peer says next acknowledges an id: by its filter, or by its history. */
function acknowledges(peer: Peer, id: string): boolean {
  peer.say('what I have')
  const { bloomFilter, causalHistory } = peer.messages('content').at(-1)!
  const limits = { maxBloomBytes: 65_536, maxHashCount: 64 }
  const filter = openFilter(bloomFilter!, 'lip', bloomParameters(10_000, 0.001), limits)
  if (typeof filter === 'string') throw new Error(filter)
  return bloomHas(filter, id) || causalHistory.some(({ messageId }) => messageId === id)
}

const asked = (peer: Peer): string[] =>
  peer.eventsOf('repair-requested').flatMap(({ messageIds }) => messageIds)

describe('when a participant joined', () => {
  const HOUR_MS = 3_600_000
  const ofCarol = { messageId: 'a', senderId: 'carol' }

  it('is stored, so that what is said while it is away is not of the past, though it had heard nothing', () => {
    const net = new Network({ random: seeded(11) })
    const bob = net.join('bob', { periodicSyncMs: 0 })
    bob.input({ type: 'start' })
    net.now += HOUR_MS
    bob.restart()
    bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory: [ofCarol] }))
    net.run(200)
    bob.receive(message({ messageId: 'a', lamport: START + HOUR_MS / 2 }))
    expect(bob.texts()).toEqual(['a', 'b'])
    expect(bob.eventsOf('past')).toEqual([])
  })

  it('is not later than now, when the clock was ahead then and was set right while it was away', () => {
    const net = new Network({ random: seeded(11) })
    net.now += HOUR_MS
    const bob = net.join('bob', { periodicSyncMs: 0 })
    bob.input({ type: 'start' })
    net.now = START + 1_000
    bob.restart()
    net.now += HOUR_MS / 2
    bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory: [ofCarol] }))
    net.run(200)
    bob.receive(message({ messageId: 'a', lamport: START + HOUR_MS / 4 }))
    expect(bob.texts()).toEqual(['a', 'b'])
  })

  it.each([
    ['while it is away', false],
    ['while it runs', true],
  ])('is not now for a clock that was hours ahead then and is set right %s: it is no newcomer', (_, runs) => {
    // X3, F13; campaign seed 91201: a copy of its store, which had heard nothing.
    const net = new Network({ random: seeded(11) })
    net.now += 2 * HOUR_MS
    const bob = net.join('bob', { periodicSyncMs: 0 })
    net.now = START + 1_000
    if (runs) bob.input({ type: 'start' })
    net.now += HOUR_MS / 2
    bob.restart()
    bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory: [ofCarol] }))
    net.run(300_000)
    expect(bob.texts()).toEqual([])
    bob.receive(message({ messageId: 'a', lamport: START + HOUR_MS / 4 }))
    expect(bob.texts()).toEqual(['a', 'b'])
    bob.receive(
      message({ messageId: 'd', lamport: net.now, causalHistory: [{ messageId: 'c', senderId: 'erin' }] }),
    )
    net.run(HOUR_MS)
    expect(bob.texts()).toEqual(['a', 'b', 'd'])
    const lost = bob.eventsOf('lost').flatMap(({ entries }) => entries.map(({ messageId }) => messageId))
    expect(lost).toEqual(['c'])
  })

  it('is not now where the record of it is damaged: whoever has a store is no newcomer', () => {
    const net = new Network({ random: seeded(11) })
    const corrupt: string[] = []
    const bob = net.join('bob', { periodicSyncMs: 0, onCorrupt: (key) => corrupt.push(key) })
    expect([...bob.store.keys()]).toEqual(['life'])
    bob.store.set('life', new Uint8Array(0))
    net.now += HOUR_MS
    bob.restart()
    expect(corrupt).toEqual(['life'])
    bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory: [ofCarol] }))
    net.run(60_000)
    expect(bob.texts()).toEqual([])
    bob.receive(message({ messageId: 'a', lamport: START + HOUR_MS / 2 }))
    expect(bob.texts()).toEqual(['a', 'b'])
  })

  it('is told by the clocks of others, where its own is ahead of them', () => {
    for (const bloomFilter of [new Uint8Array(8), undefined]) {
      const net = new Network({ random: seeded(11) })
      const bob = net.join('bob', quiet)
      bob.input({ type: 'start' })
      net.run(10_000)
      const ofOthers = net.now - 2 * HOUR_MS
      bob.receive(message({ messageId: 's', content: undefined, lamport: ofOthers, bloomFilter }))
      bob.receive(message({ messageId: 'b', lamport: ofOthers + 1, causalHistory: [ofCarol] }))
      bob.receive(message({ messageId: 'a', lamport: ofOthers - 5_000 }))
      // A repair, which has no filter, says nothing of the time.
      expect(bob.texts()).toEqual(bloomFilter === undefined ? ['b'] : ['a', 'b'])
    }
  })

  it('is told by what others say too, of which the soonest counts', () => {
    const net = new Network({ random: seeded(11) })
    const bob = net.join('bob', quiet)
    bob.input({ type: 'start' })
    net.run(10_000)
    const ofOthers = net.now - HOUR_MS
    const bloomFilter = new Uint8Array(8)
    bob.receive(message({ messageId: 'b', lamport: ofOthers, bloomFilter, causalHistory: [ofCarol] }))
    bob.receive(message({ messageId: 'a', lamport: ofOthers - 5_000 }))
    expect(bob.texts()).toEqual(['a', 'b'])
    // Sent again, by an author whose clock is right.
    const c = { messageId: 'c', senderId: 'dave' }
    bob.receive(message({ messageId: 'd', lamport: net.now, bloomFilter, causalHistory: [c] }))
    bob.receive(message({ messageId: 'c', senderId: 'dave', lamport: ofOthers - 5_000, bloomFilter }))
    expect(bob.eventsOf('past').flatMap(({ entries }) => entries)).toEqual([c])
  })

  it('is not earlier by more than clocks can be off, whatever others say', () => {
    const DAY_MS = 24 * HOUR_MS
    for (const [ageMs, texts] of [
      [DAY_MS, ['a', 'b']],
      [DAY_MS + 2 * 60_000, ['b']],
    ] as const) {
      const net = new Network({ random: seeded(11) })
      const bob = net.join('bob', quiet)
      bob.input({ type: 'start' })
      net.run(10_000)
      bob.receive(message({ messageId: 's', content: undefined, lamport: 1, bloomFilter: new Uint8Array(8) }))
      bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory: [ofCarol] }))
      bob.receive(message({ messageId: 'a', lamport: net.now - ageMs }))
      expect(bob.texts()).toEqual(texts)
    }
  })

  it('is not earlier because an author gives again what he said before', () => {
    const net = new Network({ random: seeded(11) })
    const bob = net.join('bob', quiet)
    bob.input({ type: 'start' })
    net.run(10_000)
    bob.receive(message({ messageId: 'b', lamport: net.now, causalHistory: [ofCarol] }))
    bob.receive(message({ messageId: 'a', lamport: net.now - 10 * 60_000, bloomFilter: new Uint8Array(8) }))
    expect(bob.texts()).toEqual(['b'])
  })

  it('makes it wait like everybody for what the first message comes after, a minute later', () => {
    const net = new Network({ random: seeded(11) })
    const bob = net.join('bob', quiet)
    bob.input({ type: 'start' })
    net.run(61_000)
    bob.receive(message({ messageId: 'b', causalHistory: [ofCarol] }))
    net.run(300_000)
    expect(bob.texts()).toEqual([])
    bob.receive(message({ messageId: 'a', lamport: net.now }))
    expect(bob.texts()).toEqual(['a', 'b'])
  })
})

// F6, F10
describe('a newcomer’s first message, which there is no room for', () => {
  const ofPast = { messageId: 'p', senderId: 'dave' }
  const ofFilm = { messageId: 'film', senderId: 'carol' }

  /** bob joins, and carol's film finds no room; what it comes after nobody has any more. */
  function refused() {
    const net = new Network({ random: seeded(11) })
    let isFull = true
    const refuses = ({ messageId }: OfferedContent): ContentRefusal | undefined =>
      isFull && messageId === 'film' ? 'now' : undefined
    const bob = net.join('bob', { ...quiet, refuses })
    const film = message({ messageId: 'film', lamport: START + 1, causalHistory: [ofPast] })
    bob.receive(film)
    return { net, bob, film, makeRoom: () => (isFull = false) }
  }

  it('is waited for like any other, though that takes minutes, and waits itself for the past no longer than a first one', () => {
    const { net, bob, film, makeRoom } = refused()
    bob.receive(message({ messageId: 'text', lamport: START + 2, causalHistory: [ofPast, ofFilm] }))
    net.run(120_000)
    expect(bob.texts()).toEqual([])
    makeRoom()
    bob.input({ type: 'want', messages: [{ messageId: 'film', senderId: 'carol' }] })
    bob.receive(film)
    net.run(2_000)
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
      ['film', false],
      ['text', false],
    ])
  })

  it('is waited for where nothing comes after it, and asked for until it comes', () => {
    const { net, bob, film, makeRoom } = refused()
    makeRoom()
    bob.input({ type: 'want', messages: [{ messageId: 'film', senderId: 'carol' }] })
    net.run(60_000)
    expect(bob.stage.missing()).toEqual([ofFilm])
    bob.receive(film)
    net.run(2_000)
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([['film', false]])
  })
})

describe('what a newcomer’s first message comes after', () => {
  const ofCarol = { messageId: 'a', senderId: 'carol' }
  const ofDave = { messageId: 'a', senderId: 'dave' }
  const older = START - 61_000

  it('is waited for 10 s where its author is there, who is asked for it meanwhile', () => {
    const { net, bob } = newcomer(ofCarol)
    net.run(9_999)
    expect(bob.texts()).toEqual([])
    expect(asked(bob)).toContain('a')
    net.run(2)
    expect(bob.texts()).toEqual(['b'])
    expect(bob.eventsOf('lost')).toEqual([])
  })

  it('is waited for 1.5 s where nobody is there who would send it soon', () => {
    const { net, bob } = newcomer(ofDave)
    net.run(1_499)
    expect(bob.texts()).toEqual([])
    net.run(2)
    expect(bob.texts()).toEqual(['b'])
  })

  it('is waited for while it is asked for, where the times of LIP-109 are given', () => {
    const { net, bob } = newcomer(ofCarol, { repair: { tMinMs: 5_000, tMaxMs: 10_000 } })
    net.run(39_000)
    expect(bob.texts()).toEqual([])
    expect(asked(bob)).toContain('a')
    net.run(1_001)
    expect(bob.texts()).toEqual(['b'])
  })

  it('comes before it, if it comes in time and is of the newcomer’s own time', () => {
    const { net, bob } = newcomer(ofCarol)
    net.run(5_000)
    bob.receive(message({ messageId: 'a' }))
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
      ['a', false],
      ['b', false],
    ])
    expect(bob.eventsOf('past')).toEqual([])
  })

  it('is told to be of the past where it comes and is older than that by more than a minute', () => {
    const { net, bob } = newcomer(ofCarol)
    net.run(200)
    bob.receive(message({ messageId: 'a', lamport: older }))
    expect(bob.eventsOf('past')).toEqual([{ type: 'past', entries: [ofCarol], before: START - 60_000 }])
    expect(bob.texts()).toEqual(['b'])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
    expect(acknowledges(bob, 'a')).toBe(false)
    expect(acknowledges(bob, 'b')).toBe(true)
  })

  it('is late where it is repaired once more, and what it comes after is not looked for', () => {
    const { net, bob } = newcomer(ofCarol)
    net.run(200)
    const a = { messageId: 'a', lamport: older, causalHistory: [ofDave, { messageId: 'z', senderId: 'eve' }] }
    bob.receive(message(a))
    bob.receive(message(a))
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
      ['b', false],
      ['a', true],
    ])
    expect(bob.eventsOf('missing').flatMap(({ entries }) => entries)).toEqual([ofCarol])
    net.run(60_000)
    expect(asked(bob)).toEqual(['a'])
  })

  it('is waited for as ever where its author, who has a filter, sends it again', () => {
    const { net, bob } = newcomer(ofCarol)
    net.run(200)
    bob.receive(message({ messageId: 'a', lamport: older }))
    const before = { messageId: 'z', senderId: 'eve' }
    bob.receive(
      message({ messageId: 'a', lamport: older, causalHistory: [before], bloomFilter: new Uint8Array(8) }),
    )
    expect(bob.texts()).toEqual(['b'])
    expect(bob.stage.missing()).toEqual([before])
  })

  it('is not of the past where it is older than that by a minute, by which clocks may differ', () => {
    for (const [ageMs, texts] of [
      [60_000, ['a', 'b']],
      [60_001, ['b']],
    ] as const) {
      const { bob } = newcomer(ofCarol)
      bob.receive(message({ messageId: 'a', lamport: START - ageMs }))
      expect(bob.texts()).toEqual(texts)
    }
  })

  it('is lost where it never comes, as it may be of the newcomer’s own time, and is asked for until then', () => {
    const { net, bob } = newcomer(ofDave, { lostAfterMs: 600_000 })
    net.run(1_501)
    expect(bob.texts()).toEqual(['b'])
    net.run(590_000)
    expect(asked(bob)).toContain('a')
    expect(bob.eventsOf('lost')).toEqual([])
    net.run(20_000)
    expect(bob.eventsOf('lost')).toEqual([{ type: 'lost', entries: [ofDave] }])
    expect(bob.eventsOf('past')).toEqual([])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 1 })
    const count = asked(bob).length
    net.run(600_000)
    expect(asked(bob)).toHaveLength(count)
    expect(acknowledges(bob, 'a')).toBe(false)
  })

  it('is asked for again when somebody is heard after it was lost, and is of the past, or late', () => {
    for (const [lamport, texts, types] of [
      [older, ['b', 'c'], ['lost', 'past']],
      [START, ['b', 'c', 'a'], ['lost']],
    ] as const) {
      const { net, bob } = newcomer(ofDave)
      net.run(30 * 60_000)
      bob.receive(message({ senderId: 'erin', messageId: 'c', lamport: net.now }))
      net.run(1_000)
      bob.receive(message({ senderId: 'dave', messageId: 'a', lamport }))
      expect(bob.texts()).toEqual(texts)
      expect(bob.events.flatMap(({ type }) => (type === 'lost' || type === 'past' ? [type] : []))).toEqual(
        types,
      )
      expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
    }
  })

  it('is flagged as late where it comes after what came after it', () => {
    const { net, bob } = newcomer(ofDave)
    net.run(5_000)
    bob.receive(message({ messageId: 'a', senderId: 'dave' }))
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
      ['b', false],
      ['a', true],
    ])
    expect(acknowledges(bob, 'a')).toBe(true)
  })

  it('is done without by what is said later too, whatever that names, until it comes', () => {
    // Campaign seed 95023
    const { net, bob } = newcomer(ofCarol)
    const first = { messageId: 'b', senderId: 'carol' }
    net.run(10_001)
    expect(bob.texts()).toEqual(['b'])
    net.run(170_000)
    bob.receive(message({ senderId: 'erin', messageId: 'c', causalHistory: [first] }))
    bob.receive(message({ senderId: 'erin', messageId: 'd', causalHistory: [ofCarol] }))
    expect(bob.texts()).toEqual(['b', 'c', 'd'])
    expect(bob.stage.health()).toEqual({ state: 'missing', missing: 1, lost: 0 })
    bob.receive(message({ messageId: 'a' }))
    expect(bob.delivered.map(({ text, late }) => [text, late]).at(-1)).toEqual(['a', true])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  it.each([
    ['where that was here', 0, 6_100],
    ['where that comes later', 2_000, 4_000],
  ])('is late with all that it comes after in turn, %s, after a restart too', (_, beforeMs, restMs) => {
    // Each names the one before: z and y of eve, a of dave, and b, which bob hears first.
    for (const restarts of [false, true]) {
      const { net, bob } = newcomer(ofDave, { persistent: restarts })
      const z = { messageId: 'z', senderId: 'eve' }
      const y = { messageId: 'y', senderId: 'eve' }
      bob.receive(message({ messageId: 'sync', senderId: 'eve', content: undefined }))
      net.run(beforeMs)
      bob.receive(message({ messageId: 'a', senderId: 'dave', causalHistory: [y] }))
      bob.receive(message({ ...y, causalHistory: [z] }))
      net.run(restMs)
      expect(bob.texts()).toEqual(['b'])
      if (restarts) bob.restart()
      bob.receive(message(z))
      net.run(1)
      expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
        ['b', false],
        ['z', true],
        ['y', true],
        ['a', true],
      ])
    }
  })

  it('waits no longer for what it comes after itself than the first one did for it', () => {
    const { net, bob } = newcomer(ofDave)
    net.run(5_000)
    expect(bob.texts()).toEqual(['b'])
    const z = { messageId: 'z', senderId: 'eve' }
    bob.receive(message({ messageId: 'a', senderId: 'dave', causalHistory: [z] }))
    expect(bob.texts()).toEqual(['b'])
    net.run(1_501)
    expect(bob.texts()).toEqual(['b', 'a'])
    expect(asked(bob)).toContain('z')
    bob.receive(message({ messageId: 'z', senderId: 'eve' }))
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
      ['b', false],
      ['a', true],
      ['z', true],
    ])
  })

  it('is wanted as far back as the settings say', () => {
    const { net, bob } = newcomer(ofCarol, { historyMs: 10_000 })
    net.run(200)
    bob.receive(message({ messageId: 'a', lamport: older }))
    expect(bob.texts()).toEqual(['a', 'b'])
    expect(bob.eventsOf('past')).toEqual([])
  })

  it('stays of the past after a restart', () => {
    const { net, bob } = newcomer(ofCarol, { persistent: true })
    net.run(200)
    bob.receive(message({ messageId: 'a', lamport: older }))
    bob.restart()
    bob.receive(message({ messageId: 'c', causalHistory: [ofCarol] }))
    expect(bob.texts()).toEqual(['b', 'c'])
    expect(acknowledges(bob, 'a')).toBe(false)
  })

  it('is missed by whoever is none, and lost in the end', () => {
    const { net, bob } = newcomer(ofDave, { lostAfterMs: 60_000 })
    net.run(5_000)
    bob.receive(message({ messageId: 'c', causalHistory: [{ messageId: 'x', senderId: 'dave' }] }))
    net.run(59_000)
    expect(bob.texts()).toEqual(['b'])
    net.run(2_000)
    expect(bob.texts()).toEqual(['b', 'c'])
    expect(bob.eventsOf('lost').flatMap(({ entries }) => entries.map(({ messageId }) => messageId))).toEqual([
      'a',
      'x',
    ])
  })

  it('is done without where things are stored too, and asked for after a restart as before it', () => {
    const { net, bob } = newcomer(ofDave, { persistent: true, lostAfterMs: 600_000 })
    net.run(1_501)
    expect(bob.texts()).toEqual(['b'])
    net.run(10_000)
    bob.restart()
    expect(bob.stage.health()).toEqual({ state: 'missing', missing: 1, lost: 0 })
    const before = asked(bob).length
    net.run(300_000)
    expect(asked(bob).length).toBeGreaterThan(before)
    bob.receive(message({ messageId: 'c', causalHistory: [ofDave] }))
    expect(bob.texts()).toEqual(['b', 'c'])
    expect(acknowledges(bob, 'a')).toBe(false)
    bob.receive(message({ messageId: 'a', senderId: 'dave' }))
    expect(bob.delivered.map(({ text, late }) => [text, late])).toEqual([
      ['b', false],
      ['c', false],
      ['a', true],
    ])
    expect(acknowledges(bob, 'a')).toBe(true)
    expect([...bob.store.keys()].filter((key) => key.startsWith('missing/'))).toEqual([])
    bob.restart()
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  it('is waited for as long after a restart as before it, where its author is there', () => {
    const { net, bob } = newcomer({ messageId: 'a', senderId: 'carol' }, { persistent: true })
    net.run(5_000)
    bob.restart()
    net.run(4_900)
    expect(bob.texts()).toEqual([])
    net.run(200)
    expect(bob.texts()).toEqual(['b'])
  })

  it('is of the past after a restart where it is older than the joining, and lost where it never comes', () => {
    for (const [comes, type] of [
      [true, 'past'],
      [false, 'lost'],
    ] as const) {
      const net = new Network({ random: seeded(11) })
      const bob = net.join('bob', { periodicSyncMs: 0, lostAfterMs: 60_000 })
      bob.receive(message({ messageId: 'b', causalHistory: [ofDave] }))
      net.run(5_000)
      bob.restart()
      net.run(1_000)
      if (comes) bob.receive(message({ messageId: 'a', senderId: 'dave', lamport: older }))
      else net.run(60_000)
      expect(bob.texts()).toEqual(['b'])
      const told = bob.events.filter((event) => event.type === 'past' || event.type === 'lost')
      expect(told).toMatchObject([{ type, entries: [ofDave] }])
      bob.restart()
      expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: type === 'lost' ? 1 : 0 })
    }
  })

  it('is not of the past where it was said between the joining and a restart', () => {
    const { net, bob } = newcomer(ofDave, { persistent: true })
    net.run(5_000)
    bob.online = false
    net.run(600_000)
    bob.online = true
    bob.restart()
    bob.receive(message({ messageId: 'a', senderId: 'dave', lamport: START + 1_000 }))
    expect(bob.texts()).toEqual(['b', 'a'])
  })

  it('is waited for no longer by a newcomer that starts again at once', () => {
    const { net, bob } = newcomer(ofDave, { persistent: true })
    net.run(1_000)
    bob.restart()
    net.run(1_501)
    expect(bob.texts()).toEqual(['b'])
  })
})
