import { describe, expect, it } from 'vitest'
import { Network, type Peer, seeded } from '../../../test/network.ts'
import { encodeMessage } from '../wire/codec.ts'
import type { SdsMessage } from '../wire/message.ts'

const MINUTE_MS = 60_000
const quiet = { periodicSyncMs: 0 }
const network = (): Network => new Network({ random: seeded(29) })

const message = (fields: Partial<SdsMessage>): Uint8Array =>
  encodeMessage(
    {
      senderId: 'carol',
      messageId: 'id',
      channelId: 'channel',
      lamport: 1_750_000_000_000,
      causalHistory: [],
      repairRequest: [],
      content: new TextEncoder().encode(fields.messageId ?? 'id'),
      ...fields,
    },
    'lip',
  )

/** A peer whose process runs for so long, then is off for ten times as long, so often. It is killed, or ends well. */
function sessions(
  net: Network,
  peer: Peer,
  ms: number,
  count: number,
  end: 'killed' | 'well' = 'killed',
): void {
  for (let i = 0; i < count; i++) {
    net.run(ms)
    if (end === 'well') peer.input({ type: 'last-word' })
    peer.online = false
    net.run(10 * ms)
    peer.online = true
    peer.restart()
  }
}

const asked = (peer: Peer, id: string): number =>
  peer.eventsOf('repair-requested').filter(({ messageIds }) => messageIds.includes(id)).length

// X15
describe('a missing message, where the process starts again and again', () => {
  it.each([
    [2, 'killed', 50],
    [2, 'well', 50],
    [12, 'killed', 12],
    [12, 'well', 12],
  ] as const)(
    'of %i minutes, %s: it is asked for, then lost, and what waits for it is delivered',
    (minutes, end, count) => {
      const net = network()
      const bob = net.join('bob', quiet)
      bob.say('no newcomer')
      bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'dave' }] }))
      sessions(net, bob, minutes * MINUTE_MS, count, end)
      expect(asked(bob, 'a')).toBeGreaterThan(0)
      expect(asked(bob, 'a')).toBeLessThan(60)
      expect(
        bob.eventsOf('lost').flatMap(({ entries }) => entries.map(({ messageId }) => messageId)),
      ).toEqual(['a'])
      expect(bob.texts()).toEqual(['b'])
      expect([...bob.store.keys()].filter((key) => key.startsWith('parked/'))).toEqual([])
    },
  )

  it('is not lost for the time that nothing ran', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.say('no newcomer')
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'dave' }] }))
    // Fourteen minutes in a day and a half.
    for (let i = 0; i < 14; i++) {
      net.run(MINUTE_MS)
      bob.input({ type: 'last-word' })
      bob.online = false
      net.run(150 * MINUTE_MS)
      bob.online = true
      bob.restart()
    }
    expect(bob.eventsOf('lost')).toEqual([])
    net.run(2 * MINUTE_MS)
    expect(bob.eventsOf('lost')).toHaveLength(1)
  })
})

// X15
describe('an own message, where the process starts again and again', () => {
  it('is tried as often as in one, in sessions of 20 s, and then fails', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    alice.say('hi')
    sessions(net, alice, 20_000, 60)
    expect(alice.eventsOf('retransmitted')).toHaveLength(12)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
  })

  it('is sent again in the second session of nine minutes, where a quota has it wait for an epoch of ten', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, paceMs: 30_000, epochMs: 600_000 })
    alice.say('hi')
    net.run(9 * MINUTE_MS)
    expect(alice.eventsOf('retransmitted')).toEqual([])
    alice.restart()
    net.run(9 * MINUTE_MS)
    expect(alice.eventsOf('retransmitted')).toHaveLength(1)
  })
})

// X16
describe('a message that only a sync message has named', () => {
  const named = message({
    messageId: 'sync',
    content: undefined,
    causalHistory: [{ messageId: 'a', senderId: 'dave' }],
  })

  it('is still missing after a restart, asked for, and no longer once it has come', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.say('no newcomer')
    bob.receive(named)
    bob.restart()
    expect(bob.stage.health()).toEqual({ state: 'missing', missing: 1, lost: 0 })
    expect(bob.eventsOf('missing').at(-1)).toMatchObject({ dependent: 'sync' })
    net.run(5 * MINUTE_MS)
    expect(asked(bob, 'a')).toBeGreaterThan(0)
    bob.receive(message({ messageId: 'a', senderId: 'dave' }))
    expect(bob.texts()).toEqual(['a'])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
    expect([...bob.store.keys()].filter((key) => key.startsWith('missing/'))).toEqual([])
    bob.restart()
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  it('is lost after as long as in one session', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.say('no newcomer')
    bob.receive(named)
    sessions(net, bob, 2 * MINUTE_MS, 20, 'well')
    expect(bob.eventsOf('lost')).toHaveLength(1)
    expect([...bob.store.keys()].filter((key) => key.startsWith('missing/'))).toEqual([])
  })

  it('is stored once, whoever names it after that, and not at all where a parked message tells of it', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.say('no newcomer')
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'x', senderId: 'dave' }] }))
    for (const messageId of ['s1', 's2']) {
      bob.receive(
        message({
          messageId,
          content: undefined,
          causalHistory: ['a', 'x'].map((id) => ({ messageId: id, senderId: 'dave' })),
        }),
      )
    }
    expect([...bob.store.keys()].filter((key) => key.startsWith('missing/'))).toHaveLength(1)
  })
})

// X16
it('an answer that was due is given after a restart, unless somebody else has given it', () => {
  for (const isGiven of [false, true]) {
    const net = network()
    const bob = net.join('bob', quiet)
    const original = message({ messageId: 'a', senderId: 'dave' })
    bob.receive(original)
    bob.receive(
      message({
        messageId: 'ask',
        content: undefined,
        repairRequest: [{ messageId: 'a', senderId: 'dave' }],
      }),
    )
    bob.restart()
    if (isGiven) bob.receive(original)
    expect([...bob.store.keys()].filter((key) => key.startsWith('answer/'))).toHaveLength(isGiven ? 0 : 1)
    net.run(10 * MINUTE_MS)
    expect(bob.eventsOf('repair-sent')).toHaveLength(isGiven ? 0 : 1)
    expect([...bob.store.keys()].filter((key) => key.startsWith('answer/'))).toEqual([])
  }
})

// X15
describe('how long the process has run', () => {
  /** Writes of it in an hour. */
  function writes(net: Network, peer: Peer): number {
    let count = 0
    const { stage } = peer
    const tick = stage.tick.bind(stage)
    stage.tick = (now) => {
      const step = tick(now)
      count += step.changes.filter((change) => change.key === 'life').length
      return step
    }
    net.run(3_600_000)
    return count
  }

  it('is stored seldom while something waits, and not at all where nothing does', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, lostAfterMs: Infinity })
    bob.say('no newcomer')
    const alice = net.join('alice', quiet)
    net.run(5_000)
    alice.online = false
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'dave' }] }))
    expect(writes(net, bob)).toBeLessThan(90)
    bob.receive(message({ messageId: 'a', senderId: 'dave' }))
    net.run(60_000)
    expect(writes(net, bob)).toBe(0)
  })
})
