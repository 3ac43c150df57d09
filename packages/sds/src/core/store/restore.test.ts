import { WireWriter } from '@reliable-channels/wire'
import { describe, expect, it } from 'vitest'
import { idFromKey } from './id-in-key.ts'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'

const quiet = { periodicSyncMs: 0 }
const network = (): Network => new Network({ random: seeded(17) })

const outgoingOf = (peer: Peer): number =>
  [...peer.store.keys()].filter((key) => key.startsWith('out/')).length

describe('after a restart', () => {
  // PER-01 PER-03
  it('history, clock and filter are as they were', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    for (const text of ['1', '2', '3']) alice.say(text)
    net.run(100)
    bob.say('4')
    net.now -= 10_000_000
    const twin = net.join('bob', { ...quiet, random: seeded(1) })
    for (const [key, value] of bob.store) twin.store.set(key, value)
    twin.restart()
    bob.say('5')
    twin.say('5')
    const [, five] = bob.messages('content')
    const [again] = twin.messages('content')
    // X12: what a state that was restored twice says is not the same message.
    expect(again!.messageId).not.toBe(five!.messageId)
    expect({ ...again, messageId: five!.messageId }).toEqual(five)
    expect(again!.lamport! > decoded(bob.sent[0]!.payload).lamport!).toBe(true)
  })

  // PER-01
  it('unacknowledged messages are sent on', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.online = false
    alice.say('hi')
    net.run(1_000)
    alice.restart()
    bob.online = true
    net.run(30_000)
    expect(bob.texts()).toEqual(['hi'])
    expect(outgoingOf(alice)).toBe(0)
  })

  it('messages that never left are sent at once', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, dispatch: 'reported' })
    const id = alice.say('hi')
    alice.restart()
    expect(alice.sent.map(({ kind, messageId }) => [kind, messageId])).toEqual([
      ['content', id],
      ['retransmission', id],
    ])
  })

  it('the count of retransmissions goes on where each message has its own', () => {
    const net = network()
    const alice = net.join('alice', { ...LIP_TIMES, ...quiet, maxRetransmissions: 2 })
    const id = alice.say('hi')
    net.run(6_000)
    alice.restart()
    net.run(120_000)
    expect(alice.sent.filter(({ kind }) => kind === 'retransmission')).toHaveLength(2)
    expect(alice.eventsOf('delivery-failed')).toEqual([
      { type: 'delivery-failed', messageId: id, retransmissions: 2 },
    ])
  })

  // X15
  it('probes count on: what they have used is stored', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, maxRetransmissions: 2 })
    const id = alice.say('hi')
    net.run(4_000)
    expect(alice.eventsOf('retransmitted')).toHaveLength(2)
    alice.restart()
    net.run(120_000)
    expect(alice.eventsOf('retransmitted')).toHaveLength(2)
    expect(alice.eventsOf('delivery-failed')).toEqual([
      { type: 'delivery-failed', messageId: id, retransmissions: 2 },
    ])
  })

  // PER-05
  it('what each session sent adds up', () => {
    const alice = network().join('alice', quiet)
    for (const text of ['1', '2', '3']) {
      alice.say(text)
      alice.restart()
    }
    expect(outgoingOf(alice)).toBe(3)
    alice.say('4')
    expect(decoded(alice.sent.at(-1)!.payload).causalHistory).toHaveLength(2)
  })

  // PER-06
  it('what was acknowledged is no longer stored as outgoing', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    net.join('bob', quiet)
    alice.say('hi')
    expect(outgoingOf(alice)).toBe(1)
    net.run(3_000)
    expect(outgoingOf(alice)).toBe(0)
    alice.restart()
    net.run(60_000)
    expect(alice.sent.filter(({ kind }) => kind === 'retransmission')).toEqual([])
  })

  // PER-07
  it('parked messages wait on, and are delivered when the missing come', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    for (const text of ['1', '2', '3']) alice.say(text)
    const [one, two, three] = alice.sent.map(({ payload }) => payload) as [Uint8Array, Uint8Array, Uint8Array]
    alice.online = false
    const bob = net.join('bob', quiet)
    bob.receive(three)
    bob.restart()
    expect(bob.stage.health()).toEqual({ state: 'missing', missing: 2, lost: 0 })
    bob.receive(two)
    bob.restart()
    expect(bob.texts()).toEqual([])
    bob.receive(one)
    expect(bob.texts()).toEqual(['1', '2', '3'])
    expect([...bob.store.keys()].filter((key) => key.startsWith('parked/'))).toEqual([])
  })

  it('nobody is asked for what is parked, so that what is really missing is asked for', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    for (const text of ['1', '2', '3', '4', '5', '6', '7', '8']) alice.say(text)
    const payloads = alice.sent.map(({ payload }) => payload)
    const [lost] = alice.sent.map(({ messageId }) => messageId)
    alice.online = false
    const bob = net.join('bob', { ...quiet, lostAfterMs: Infinity, repair: { maxRequestsPerMessage: 1 } })
    // Each waits for the one that is parked after it.
    for (const payload of payloads.slice(1).reverse()) bob.receive(payload)
    bob.restart()
    net.run(3_600_000)
    const asked = bob.eventsOf('repair-requested').flatMap(({ messageIds }) => messageIds)
    expect([...new Set(asked)]).toEqual([lost])
  })

  // PER-10
  it('a replay of what was delivered is suppressed', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    alice.say('hi')
    net.run(100)
    bob.restart()
    bob.receive(alice.sent[0]!.payload)
    expect(bob.texts()).toEqual(['hi'])
  })

  it('waived and lost messages are still met, and late', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    for (const text of ['1', '2', '3']) alice.say(text)
    alice.online = false
    const bob = net.join('bob', { ...quiet, lostAfterMs: 1_000 })
    // No newcomer, to whom they would be of the past.
    bob.say('0')
    bob.receive(alice.sent[2]!.payload)
    bob.input({ type: 'waive', messages: [{ messageId: alice.sent[0]!.messageId, senderId: 'alice' }] })
    net.run(2_000)
    expect(bob.texts()).toEqual(['3'])
    bob.restart()
    expect(bob.stage.health()).toEqual({ state: 'synced', missing: 0, lost: 1 })
    bob.receive(alice.sent[0]!.payload)
    bob.receive(alice.sent[1]!.payload)
    expect(bob.delivered.slice(1).map(({ text, late }) => [text, late])).toEqual([
      ['1', true],
      ['2', true],
    ])
  })

  it.each<[string, string, WireWriter]>([
    [
      'a time beyond all',
      'clock',
      new WireWriter()
        .varint(1, 5)
        .varint(2, 2n ** 63n)
        .varint(3, 1),
    ],
    [
      'more nanoseconds than a millisecond',
      'clock',
      new WireWriter().varint(1, 5).varint(2, 7).varint(3, 1_000_000),
    ],
    ['more retransmissions than can be counted', 'out/0', new WireWriter().varint(1, 2n ** 60n).varint(2, 0)],
  ])('an entry with %s costs that entry, and is reported', (_, key, record) => {
    const alice = network().join('alice', quiet)
    alice.say('1')
    alice.store.set(key, Uint8Array.of(1, ...record.finish()))
    const corrupt: string[] = []
    alice.restart({ onCorrupt: (one) => corrupt.push(one) })
    expect(corrupt).toEqual([key])
    expect(new Set([alice.say('2'), alice.say('2')]).size).toBe(2)
  })

  it('a corrupt entry costs that entry, and is reported', () => {
    const net = network()
    const alice = net.join('alice', { ...LIP_TIMES, ...quiet })
    for (const text of ['1', '2', '3', '4']) alice.say(text)
    const keys = [...alice.store.keys()].filter((key) => key.startsWith('log/'))
    alice.store.set(keys[1]!, Uint8Array.of(1, 0xff))
    alice.store.set('clock', Uint8Array.of(9))
    alice.store.set('nonsense', Uint8Array.of(1))
    const corrupt: string[] = []
    alice.restart({ onCorrupt: (key) => corrupt.push(key) })
    expect(corrupt.toSorted()).toEqual(['clock', keys[1]!, 'nonsense'].toSorted())
    net.run(6_000)
    expect(alice.sent.filter(({ kind }) => kind === 'retransmission')).toHaveLength(3)
    alice.say('5')
    const [last] = alice.messages('content').slice(-1)
    expect(last!.causalHistory).toHaveLength(2)
    expect(last!.lamport! > decoded(alice.sent[3]!.payload).lamport!).toBe(true)
  })

  // X13
  it('reads ids where an older version stored them, in the values, and deletes what it finds there', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, maxHistory: 5 })
    const ids = ['1', '2', '3', '4'].map((text) => alice.say(text))
    net.run(1_000)
    for (const [key, value] of [...bob.store]) {
      const [kind, number, id] = key.split('/')
      if (kind !== 'log') continue
      bob.store.delete(key)
      const named = new WireWriter().byte(1).text(1, idFromKey(id!)).finish()
      bob.store.set(`log/${number}`, Uint8Array.of(...named, ...value.slice(1)))
    }
    const old = (): number => [...bob.store.keys()].filter((key) => /^log\/[^/]+$/.test(key)).length
    expect(old()).toBe(4)
    const corrupt: string[] = []
    bob.restart({ onCorrupt: (key) => corrupt.push(key) })
    expect(corrupt).toEqual([])
    bob.say('5')
    const [last] = bob.messages('content').slice(-1)
    expect(last!.causalHistory.map(({ messageId }) => messageId)).toEqual(ids.slice(2))
    for (let i = 0; i < 10; i++) alice.say('x')
    net.run(1_000)
    expect(old()).toBe(0)
  })

  it('reads ids where an older version wrote them in full, in the keys, and deletes what it finds there', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, maxHistory: 5 })
    const ids = ['1', '2', '3', '4'].map((text) => alice.say(text))
    net.run(1_000)
    for (const [key, value] of [...bob.store]) {
      const [kind, number, id] = key.split('/')
      if (kind !== 'log') continue
      bob.store.delete(key)
      bob.store.set(`log/${number}/${idFromKey(id!)}`, value)
    }
    const old = (): number => [...bob.store.keys()].filter((key) => /^log\/.*[0-9a-f]{64}$/.test(key)).length
    expect(old()).toBe(4)
    bob.restart()
    bob.say('5')
    expect(
      bob
        .messages('content')
        .at(-1)!
        .causalHistory.map(({ messageId }) => messageId),
    ).toEqual(ids.slice(2))
    for (let i = 0; i < 10; i++) alice.say('x')
    net.run(1_000)
    expect([...bob.store.keys()].filter((key) => key.startsWith('log/'))).toHaveLength(5)
    expect(old()).toBe(0)
  })

  it('has the clock in the entry of the message that moved it, and goes on after it, whatever entries go', () => {
    const net = network()
    const alice = net.join('alice', { ...quiet, maxHistory: 2 })
    const said = new Set(['1', '2', '3'].map((text) => alice.say(text)))
    expect(alice.store.has('clock')).toBe(false)
    const { lamport: before } = alice.messages('content').at(-1)!
    alice.restart()
    said.add(alice.say('3'))
    expect(said.size).toBe(4)
    expect(alice.messages('content').at(-1)!.lamport! > before!).toBe(true)
    for (const key of alice.store.keys()) if (key.startsWith('log/')) alice.store.delete(key)
    alice.restart()
    expect(said.has(alice.say('3'))).toBe(false)
  })

  it('stores one small change for each thing that changed', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    for (let i = 0; i < 50; i++) alice.say(`${i}`)
    net.run(100)
    const step = bob.stage.handle(
      { type: 'receive', frame: { payload: (alice.say('x'), alice.sent.at(-1)!.payload) } },
      net.now,
    )
    expect(step.changes.map(({ key }) => key.split('/')[0])).toEqual(['log'])
    expect(step.changes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThan(300)
  })
})
