import { describe, expect, it } from 'vitest'
import { Network, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0 }
const wantOf = (messageIds: readonly string[]) =>
  messageIds.map((messageId) => ({ messageId, senderId: 'alice' }))

/** Alice has said so much that bob has forgotten the first contents. */
function forgotten() {
  const net = new Network({ random: seeded(4) })
  const alice = net.join('alice', quiet)
  const bob = net.join('bob', { ...quiet, maxHistoryBytes: 4_000 })
  const ids = Array.from({ length: 6 }, (_, i) => alice.say(`${i}`.padEnd(1_000, '.')))
  net.run(5_000)
  const lacking = ids.filter((id) => bob.stage.contentOf(id) === undefined)
  return { net, alice, bob, ids, lacking }
}

// F10
describe('a message of which the content is forgotten', () => {
  it('is asked for, its receipt goes back, and comes again with it', () => {
    const { net, alice, bob, ids, lacking } = forgotten()
    expect(lacking).toEqual(ids.slice(0, 2))
    expect(lacking.map((id) => alice.stage.acknowledgedBy(id))).toEqual([['bob'], ['bob']])
    bob.input({ type: 'want', messages: wantOf(ids) })
    expect(bob.stage.missing().map(({ messageId }) => messageId)).toEqual(lacking)
    net.run(5_000)
    expect(bob.delivered.slice(6).map(({ messageId }) => messageId)).toEqual(lacking)
    expect(alice.eventsOf('acknowledgement-withdrawn').map(({ messageId }) => messageId)).toEqual(lacking)
    expect(lacking.map((id) => alice.stage.acknowledgedBy(id))).toEqual([['bob'], ['bob']])
  })

  it('is given up when nobody gives it, and its receipt stays away', () => {
    const { net, alice, bob, lacking } = forgotten()
    bob.input({ type: 'want', messages: wantOf(lacking) })
    net.passes = (from) => from === bob
    net.run(16 * 60_000)
    expect(bob.eventsOf('lost').flatMap(({ entries }) => entries.map(({ messageId }) => messageId))).toEqual(
      lacking,
    )
    bob.say('anything else')
    net.run(5_000)
    expect(lacking.map((id) => alice.stage.acknowledgedBy(id))).toEqual([[], []])
  })
})

// F10
describe('messages that are of no use to whoever got them', () => {
  it('do not count as received: receipts go back, and what comes after them does not wait', () => {
    const { net, alice, bob, ids } = forgotten()
    bob.input({ type: 'disown', messageIds: ids })
    expect(bob.stage.log(undefined, 10)).toEqual([])
    bob.say('what was it?')
    net.run(5_000)
    // The filter of content may be older than what was heard before; what names a newer message is not.
    expect(alice.eventsOf('acknowledgement-withdrawn')).toEqual([])
    alice.say('nothing')
    net.run(5_000)
    expect(alice.eventsOf('acknowledgement-withdrawn')).toHaveLength(6)
    expect(bob.texts()).toContain('nothing')
    expect(bob.stage.health()).toMatchObject({ state: 'synced' })
  })
})

// F10
describe('a history that is full', () => {
  it('drops what is needed, and what is its own, last', () => {
    const net = new Network({ random: seeded(4) })
    const needed = new Set<string>()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, maxHistoryBytes: 4_000, needs: (id) => needed.has(id) })
    const own = bob.say('own'.padEnd(1_000, '.'))
    needed.add(alice.say('needed'.padEnd(1_000, '.')))
    const rest = Array.from({ length: 5 }, (_, i) => alice.say(`${i}`.padEnd(1_000, '.')))
    net.run(1_000)
    const held = (id: string): boolean => bob.stage.contentOf(id) !== undefined
    expect([own, ...needed, ...rest].map(held)).toEqual([true, true, false, false, false, true, true])
    // If all are, the oldest goes.
    for (const id of rest) needed.add(id)
    const last = Array.from({ length: 3 }, (_, i) => bob.say(`last ${i}`.padEnd(1_000, '.')))
    net.run(1_000)
    expect([own, ...needed, ...last].map(held)).toEqual([
      ...Array.from({ length: 6 }, () => false),
      true,
      true,
      true,
      true,
    ])
  })
})
