import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, START, type Peer, decoded, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0 }
const network = (): Network => new Network({ random: seeded(11) })

/** Bytes of messages of a sender, each naming the one before. */
function chain(length: number): { sender: Peer; wires: Uint8Array[]; ids: string[] } {
  const sender = network().join('alice', quiet)
  const ids = Array.from({ length }, (_, i) => sender.say(`${i + 1}`))
  return { sender, ids, wires: sender.sent.map(({ payload }) => payload) }
}

const rejections = (peer: Peer): string[] => peer.eventsOf('rejected').map(({ reason }) => reason)

describe('receiving', () => {
  it('takes an ephemeral message that others wait for as met', () => {
    const alice = network().join('alice', quiet)
    const causalHistory = [{ messageId: 'typing', senderId: 'carol' }]
    alice.receive(message({ messageId: 'after', causalHistory }))
    expect(alice.texts()).toEqual([])
    alice.receive(message({ messageId: 'typing', lamport: undefined }))
    expect(alice.texts()).toEqual(['typing', 'after'])
    expect(alice.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  // SRC-01
  it('ignores its own messages: neither delivery nor acknowledgement', () => {
    const alice = network().join('alice', quiet)
    alice.say('one')
    alice.say('two')
    for (const { payload } of [...alice.sent]) alice.receive(payload)
    expect(alice.delivered).toEqual([])
    expect([...alice.eventsOf('acknowledged'), ...alice.eventsOf('possibly-acknowledged')]).toEqual([])
  })

  it('learns own earlier messages from the network, for what depends on them', () => {
    const net = network()
    const before = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    before.say('from before')
    net.run(10)
    bob.receive(before.sent[0]!.payload)
    bob.say('an answer')
    const after = net.join('alice', { ...quiet, participantId: 'alice' })
    after.receive(bob.sent[0]!.payload)
    expect(after.texts()).toEqual([])
    after.receive(before.sent[0]!.payload)
    expect(after.texts()).toEqual(['an answer'])
    const other = net.join('alice', { ...quiet, ownMessages: 'deliver' })
    other.receive(before.sent[0]!.payload)
    expect(other.delivered).toEqual([
      expect.objectContaining({ text: 'from before', own: true, senderId: 'alice' }),
    ])
  })

  // SRC-03
  it('raises its clock to that of a message when it is delivered, not before', () => {
    const bob = network().join('bob', quiet)
    bob.receive(message({ messageId: 'b', lamport: START + 9_000, causalHistory: [{ messageId: 'a' }] }))
    bob.say('early')
    expect(decoded(bob.sent[0]!.payload).lamport).toBe(START)
    bob.receive(message({ messageId: 'a', lamport: START + 5_000 }))
    bob.say('late')
    expect(decoded(bob.sent[1]!.payload).lamport).toBe(START + 9_001)
  })

  // SRC-04 is a contradiction: the nim dialect counts every reception.
  it('raises its clock with each new message in the nim dialect', () => {
    const bob = network().join('bob', { ...quiet, dialect: 'nim' })
    bob.receive(message({ messageId: 'a', lamport: 5 }))
    bob.receive(message({ messageId: 'a', lamport: 5 }))
    bob.receive(
      message({ messageId: 'b', lamport: 1_750_000_100, causalHistory: [{ messageId: 'missing' }] }),
    )
    bob.say('x')
    expect(decoded(bob.sent[0]!.payload).lamport).toBe(1_750_000_102)
  })

  // SRC-06
  it('puts what it received, parked or not, into its filter', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const ids = ['1', '2', '3'].map((text) => alice.say(text))
    bob.receive(alice.sent[2]!.payload)
    bob.say('hi')
    alice.receive(bob.sent[0]!.payload)
    expect(alice.eventsOf('possibly-acknowledged').map(({ messageId }) => messageId)).toEqual([ids[2]])
  })

  // SRC-07
  it('orders its history by timestamp and then id, whatever the order of arrival', () => {
    const bob = network().join('bob', { ...quiet, causalHistoryLength: 4 })
    for (const [id, lamport] of [
      ['c', 7],
      ['a', 9],
      ['d', 7],
      ['b', 3],
    ] as const) {
      bob.receive(message({ messageId: id, lamport }))
    }
    bob.say('x')
    expect(decoded(bob.sent[0]!.payload).causalHistory.map(({ messageId }) => messageId)).toEqual([
      'b',
      'c',
      'd',
      'a',
    ])
  })

  // SRC-09 RCV-09
  it('delivers a message once, however often it comes', () => {
    const { wires, ids } = chain(2)
    const bob = network().join('bob', quiet)
    bob.receive(wires[0]!)
    bob.receive(wires[0]!)
    bob.receive(wires[1]!)
    bob.receive(wires[0]!)
    expect(bob.delivered.map(({ messageId }) => messageId)).toEqual(ids)
    expect(bob.eventsOf('missing')).toEqual([])
  })

  it('takes a parked message once, and reports it missing once', () => {
    const { wires } = chain(2)
    const bob = network().join('bob', quiet)
    bob.receive(wires[1]!)
    bob.receive(wires[1]!)
    expect(bob.eventsOf('missing')).toHaveLength(1)
    bob.receive(wires[0]!)
    expect(bob.texts()).toEqual(['1', '2'])
  })

  // CAU-01 CAU-04 SWP-06
  it('parks a message until all that it names is in the history, and says what is missing', () => {
    const bob = network().join('bob', quiet)
    const history = [
      { messageId: 'a', retrievalHint: Uint8Array.of(9), senderId: 'carol' },
      { messageId: 'b' },
    ]
    bob.receive(message({ messageId: 'c', causalHistory: history }))
    expect(bob.delivered).toEqual([])
    expect(bob.eventsOf('missing')).toEqual([{ type: 'missing', dependent: 'c', entries: history }])
    bob.receive(message({ messageId: 'a' }))
    expect(bob.texts()).toEqual(['a'])
    bob.receive(message({ messageId: 'b' }))
    expect(bob.texts()).toEqual(['a', 'b', 'c'])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 0 })
  })

  it('does not count a parked message as met', () => {
    const bob = network().join('bob', quiet)
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a' }] }))
    bob.receive(message({ messageId: 'c', causalHistory: [{ messageId: 'b' }] }))
    expect(bob.delivered).toEqual([])
    expect(bob.stage.health().missing).toBe(1)
    bob.receive(message({ messageId: 'a' }))
    expect(bob.texts()).toEqual(['a', 'b', 'c'])
  })

  // CAU-05 CAU-06
  it.each([2, 3, 50])('delivers %i messages that came in reverse in their order', (length) => {
    const { wires, ids } = chain(length)
    const bob = network().join('bob', quiet)
    for (const wire of wires.slice(1).toReversed()) bob.receive(wire)
    expect(bob.delivered).toEqual([])
    bob.receive(wires[0]!)
    expect(bob.delivered.map(({ messageId }) => messageId)).toEqual(ids)
  })

  it('is not held up by a message that names itself, or two that name each other', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, lostAfterMs: 1_000 })
    bob.receive(message({ messageId: 'self', causalHistory: [{ messageId: 'self' }] }))
    expect(bob.texts()).toEqual(['self'])
    bob.receive(message({ messageId: 'x', causalHistory: [{ messageId: 'y' }] }))
    bob.receive(message({ messageId: 'y', causalHistory: [{ messageId: 'x' }] }))
    net.run(10_000)
    expect(bob.texts().toSorted()).toEqual(['self', 'x', 'y'])
  })

  it('takes messages of the other dialect', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, dialect: 'nim' })
    const bob = net.join('bob', quiet)
    alice.say('one')
    net.run(100)
    bob.say('two')
    net.run(100)
    expect([alice.texts(), bob.texts()]).toEqual([['two'], ['one']])
    expect(alice.eventsOf('acknowledged')).toEqual([
      expect.objectContaining({ by: 'bob', via: 'causal-history' }),
    ])
  })

  it('rejects what is no message, of another channel, or without an id', () => {
    const bob = network().join('bob', quiet)
    bob.receive(Uint8Array.of(0xff, 0xff))
    bob.receive(message({ channelId: 'other' }))
    bob.receive(message({ messageId: '' }))
    bob.receive(message({ messageId: 'x'.repeat(2_000) }))
    bob.receive(message({ content: undefined, lamport: undefined }))
    expect(rejections(bob)).toEqual(['undecodable', 'other-channel', 'malformed', 'malformed', 'malformed'])
    expect(bob.delivered).toEqual([])
  })

  it('rejects a timestamp far in the future, so that nobody can spoil its clock', () => {
    const bob = network().join('bob', { ...quiet, maxFutureSkewMs: 60_000 })
    for (const lamport of [START + 60_001, 2n ** 63n - 1n, 2n ** 64n - 1n]) {
      bob.receive(message({ messageId: `${lamport}`, lamport }))
    }
    expect(rejections(bob)).toEqual(['future-lamport', 'future-lamport', 'future-lamport'])
    bob.receive(message({ messageId: 'ok', lamport: START + 60_000 }))
    // It is taken, but its own clock goes only half as far ahead as others accept.
    bob.say('x')
    expect(decoded(bob.sent[0]!.payload).lamport).toBe(START + 30_001)
  })

  it('delivers any timestamp in the nim dialect, and goes on from none near 2⁶³', () => {
    const bob = network().join('bob', { ...quiet, dialect: 'nim' })
    bob.receive(message({ messageId: 'far', lamport: 2n ** 64n - 1n }))
    expect(bob.texts()).toEqual(['far'])
    for (let i = 0; i < 3; i++) bob.say('x')
    for (const { lamport } of bob.messages()) expect(lamport).toBeLessThan(START / 1_000 + 10)
  })
})

describe('messages that never arrive', () => {
  // CAU-14 is a contradiction: reported, then delivered.
  it('are given up after a while, with ids and hints; what depends on them is delivered', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, lostAfterMs: 10_000 })
    const entry = { messageId: 'a', retrievalHint: Uint8Array.of(1), senderId: 'carol' }
    // No newcomer: that one would take it for what was before its time.
    bob.receive(message({ messageId: 'z' }))
    bob.receive(message({ messageId: 'b', causalHistory: [entry] }))
    net.run(9_999)
    expect([bob.texts(), bob.eventsOf('lost')]).toEqual([['z'], []])
    net.run(2)
    expect(bob.texts()).toEqual(['z', 'b'])
    expect(bob.eventsOf('lost')).toEqual([{ type: 'lost', entries: [entry] }])
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 1 })
    bob.receive(message({ messageId: 'a' }))
    expect(bob.delivered.at(-1)).toEqual(expect.objectContaining({ text: 'a', late: true }))
    expect(bob.stage.health().lost).toBe(0)
  })

  it('are not given up where they have come and wait themselves, before four times as long', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, lostAfterMs: 10_000 })
    bob.receive(message({ messageId: 'z' }))
    bob.receive(message({ messageId: 'x', causalHistory: [{ messageId: 'y' }] }))
    net.run(9_000)
    bob.receive(message({ messageId: 'y', causalHistory: [{ messageId: 'gone' }] }))
    net.run(9_990)
    expect(bob.texts()).toEqual(['z'])
    net.run(20)
    expect(bob.texts()).toEqual(['z', 'y', 'x'])
    expect(bob.eventsOf('lost').map(({ entries }) => entries.map(({ messageId }) => messageId))).toEqual([
      ['gone'],
    ])
  })

  it('are waived on request: dependents are delivered, a late arrival is flagged', () => {
    const bob = network().join('bob', quiet)
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a' }] }))
    bob.input({ type: 'waive', messages: [{ messageId: 'a' }, { messageId: 'later' }] })
    expect(bob.texts()).toEqual(['b'])
    bob.receive(message({ messageId: 'c', causalHistory: [{ messageId: 'later' }] }))
    expect(bob.texts()).toEqual(['b', 'c'])
    bob.receive(message({ messageId: 'a' }))
    bob.receive(message({ messageId: 'a' }))
    expect(bob.delivered.slice(2)).toEqual([expect.objectContaining({ text: 'a', late: true })])
    expect(bob.stage.health().lost).toBe(0)
  })

  it('are not waived by the word of another: what lists them as their own author’s still waits', () => {
    const bob = network().join('bob', quiet)
    const claimed = { messageId: 'a', senderId: 'mallory' }
    bob.receive(message({ messageId: 'm', senderId: 'mallory', causalHistory: [claimed] }))
    bob.input({ type: 'waive', messages: [claimed] })
    expect(bob.texts()).toEqual(['m'])
    bob.receive(message({ messageId: 'c', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    expect(bob.texts()).toEqual(['m'])
    bob.receive(message({ messageId: 'a', senderId: 'carol' }))
    expect(bob.delivered.slice(1)).toEqual([
      expect.objectContaining({ text: 'a', late: false }),
      expect.objectContaining({ text: 'c' }),
    ])
  })

  it('are waived for some dependents: others wait until those are delivered', () => {
    const bob = network().join('bob', quiet)
    const entry = (messageId: string) => ({ messageId, senderId: 'carol' })
    bob.receive(message({ messageId: 's1', causalHistory: [entry('before'), entry('s0')] }))
    bob.receive(message({ messageId: 'z', senderId: 'dave', causalHistory: [entry('s0')] }))
    bob.input({ type: 'waive', messages: [entry('s0')], dependents: ['s1'] })
    bob.receive(message({ messageId: 'y', senderId: 'dave', causalHistory: [entry('s0')] }))
    expect(bob.texts()).toEqual([])
    bob.receive(message({ messageId: 'before' }))
    expect(bob.texts()).toEqual(['before', 's1', 'y', 'z'])
    bob.receive(message({ messageId: 's0' }))
    expect(bob.delivered.at(-1)).toEqual(expect.objectContaining({ text: 's0', late: true }))
  })

  it('shows what is parked, for whoever can do without the missing', () => {
    const bob = network().join('bob', quiet)
    const history = [
      { messageId: 'x', senderId: 'dave' },
      { messageId: 'a', senderId: 'carol' },
      { messageId: 'b', senderId: 'carol' },
    ]
    const outputs = bob.receive(message({ messageId: 'c', causalHistory: history }))
    expect(outputs.filter(({ type }) => type === 'parked')).toEqual([
      {
        type: 'parked',
        message: {
          messageId: 'c',
          senderId: 'carol',
          lamport: START,
          content: new TextEncoder().encode('c'),
          missing: ['x', 'a', 'b'],
          sameSenderHistory: history.slice(1),
        },
      },
    ])
  })
})
