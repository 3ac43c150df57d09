import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, START, type Peer, seeded } from '../../../test/network.ts'
import type { HistoryEntry, SdsMessage } from '../wire/message.ts'

const named = (...messageIds: readonly string[]): HistoryEntry[] =>
  messageIds.map((messageId) => ({ messageId, retrievalHint: undefined, senderId: undefined }))

/** Bob, who has parked so many messages that all wait for `first`. */
function waiting(
  count: number,
  fields: (i: number) => Partial<SdsMessage> = () => ({}),
  here: readonly string[] = [],
) {
  const net = new Network({ random: seeded(5) })
  const bob = net.join('bob', { periodicSyncMs: 0 })
  bob.say('no newcomer')
  for (const messageId of here) bob.receive(message({ messageId, senderId: 'carol' }))
  for (let i = 0; i < count; i++) {
    const messageId = `${i}`
    const senderId = `member ${i % 4}`
    bob.receive(
      message({ messageId, senderId, lamport: START + 1 + i, causalHistory: named('first'), ...fields(i) }),
    )
  }
  expect(bob.texts()).toEqual(here)
  return { net, bob }
}

/** What each step delivers, from the message that releases all until nothing is left, at one time. */
function steps(net: Network, bob: Peer, releasing: Uint8Array): number[] {
  const counts = [bob.receive(releasing)]
  while ((bob.stage.deadline() ?? Infinity) <= net.now) counts.push(bob.step(bob.stage.tick(net.now)))
  return counts.map((outputs) => outputs.filter(({ type }) => type === 'delivered').length)
}

// X11
describe('one message that releases all that is parked', () => {
  it('is followed by them in order, no more than 128 in a turn', () => {
    const { net, bob } = waiting(10_000)
    const counts = steps(net, bob, message({ messageId: 'first' }))
    expect(Math.max(...counts)).toBeLessThanOrEqual(129)
    expect(counts.length).toBeLessThan(100)
    expect(bob.texts()).toEqual(['first', ...Array.from({ length: 10_000 }, (_, i) => `${i}`)])
  })

  it('is followed by no more than a MiB and one message in a turn', () => {
    const content = new Uint8Array(100_000)
    const { net, bob } = waiting(100, () => ({ content }))
    const counts = steps(net, bob, message({ messageId: 'first' }))
    expect(Math.max(...counts)).toBeLessThanOrEqual(12)
    expect(bob.delivered).toHaveLength(101)
  })

  it('makes none be looked at for circles beyond what one turn takes', () => {
    // Each waits for another that never comes, and names much that is here.
    const names = Array.from({ length: 200 }, (_, i) => `here ${i}`)
    const late = (i: number) => ({ causalHistory: named(...names, 'first', `never ${i}`) })
    const { net, bob } = waiting(400, late, names)
    const counts = steps(net, bob, message({ messageId: 'first' }))
    expect(counts.length).toBeGreaterThan(3)
    expect(counts.reduce((a, b) => a + b)).toBe(1)
  })

  it('is followed by all of them though the process ends between', () => {
    const { net, bob } = waiting(1_000)
    bob.receive(message({ messageId: 'first' }))
    expect(bob.delivered.length).toBeLessThan(200)
    bob.restart()
    net.run(1)
    expect(bob.texts()).toEqual(['first', ...Array.from({ length: 1_000 }, (_, i) => `${i}`)])
  })

  it('keeps what comes meanwhile behind what it comes after', () => {
    const { net, bob } = waiting(1_000)
    bob.receive(message({ messageId: 'first' }))
    bob.receive(message({ messageId: 'last', lamport: START + 2_000, causalHistory: named('999') }))
    net.run(1)
    expect(bob.texts().at(-1)).toBe('last')
    expect(bob.delivered).toHaveLength(1_002)
  })
})
