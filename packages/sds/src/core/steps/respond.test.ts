import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { message } from '../../../test/message.ts'
import { Network, type Peer, decoded, seeded } from '../../../test/network.ts'
import type { HistoryEntry } from '../wire/message.ts'
import { inResponseGroup, requestDelayMs, responseDelayMs } from '../parts/repair-hash.ts'

const quiet = {
  ...LIP_TIMES,
  periodicSyncMs: 0,
  ackSyncMinMs: 1e9,
  ackSyncMaxMs: 1e9,
  acknowledgementTimeoutMs: 1e9,
}
const network = (): Network => new Network({ random: seeded(9) })
const times = LIP_TIMES.repair

const requestsOf = (peer: Peer): string[][] =>
  peer
    .messages()
    .filter(({ repairRequest }) => repairRequest.length > 0)
    .map(({ repairRequest }) => repairRequest.map(({ messageId }) => messageId))

const repairsOf = (peer: Peer): string[] =>
  peer.sent.filter(({ kind }) => kind === 'repair').map(({ messageId }) => messageId)

describe('times of SDS-R', () => {
  // REP-01 REP-02
  it('asks after a time that lies between T_min and T_max, always the same for the same message', () => {
    const delays = new Set<number>()
    for (let i = 0; i < 1_000; i++) {
      const delay = requestDelayMs('lip', 'bob', `message-${i}`, times)
      expect(delay).toBe(requestDelayMs('lip', 'bob', `message-${i}`, times))
      expect(delay).toBeGreaterThanOrEqual(30_000)
      expect(delay).toBeLessThan(300_000)
      delays.add(delay)
    }
    expect(delays.size).toBeGreaterThan(900)
    expect(requestDelayMs('lip', 'bob', 'm', { tMinMs: 500, tMaxMs: 500 })).toBe(500)
    expect(requestDelayMs('lip', 'bob', 'm', { tMinMs: 500, tMaxMs: 100 })).toBe(500)
  })

  it('computes the hash of SHA-256 as @waku/sds does', () => {
    // Modulo the range: the first 8 bytes of SHA-256("alicemsg1"), big-endian.
    expect(requestDelayMs('lip', 'alice', 'msg1', times)).toBe(
      30_000 + Number(0x5195898f82ce6245n % 270_000n),
    )
  })

  // REP-03
  it('answers after a time below T_max, the sender at once', () => {
    const delays = new Set<number>()
    for (let i = 0; i < 1_000; i++) {
      const delay = responseDelayMs('lip', `peer-${i}`, 'alice', 'm', 300_000)
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThan(300_000)
      delays.add(delay)
    }
    expect(delays.size).toBeGreaterThan(900)
    expect(responseDelayMs('lip', 'alice', 'alice', 'm', 300_000)).toBe(0)
    expect(responseDelayMs('lip', 'bob', 'alice', 'm', 0)).toBe(0)
  })

  // REP-04
  it('divides participants into groups, the sender always in its own', () => {
    for (let groups = 1; groups <= 10; groups++) {
      expect(inResponseGroup('lip', 'alice', 'alice', 'm', groups)).toBe(true)
    }
    expect(inResponseGroup('lip', 'bob', 'alice', 'm', 1)).toBe(true)
    expect(inResponseGroup('lip', 'bob', 'alice', 'm', 0)).toBe(true)
    const members = Array.from({ length: 1_000 }, (_, i) =>
      inResponseGroup('lip', `peer-${i}`, 'alice', 'm', 10),
    )
    const share = members.filter(Boolean).length
    expect(share).toBeGreaterThan(50)
    expect(share).toBeLessThan(200)
  })
})

describe('asking for repair', () => {
  // REP-01
  it('asks once its time has come, and keeps that time when the message is missed again', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    const due = requestDelayMs('lip', 'bob', 'a', times)
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    net.run(20_000)
    bob.receive(message({ messageId: 'c', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    net.run(due - 20_000 - 1)
    bob.say('too early')
    expect(requestsOf(bob)).toEqual([])
    net.run(1)
    bob.say('now')
    expect(requestsOf(bob)).toEqual([['a']])
    expect(decoded(bob.sent.at(-1)!.payload).repairRequest).toEqual([{ messageId: 'a', senderId: 'carol' }])
    expect(bob.eventsOf('repair-requested')).toEqual([
      { type: 'repair-requested', messageIds: ['a'], carrierId: bob.sent.at(-1)!.messageId },
    ])
  })

  // REP-06
  it('asks for at most three at a time, those longest due first', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    const ids = Array.from({ length: 5 }, (_, i) => `missing-${i}`)
    bob.receive(
      message({ messageId: 'b', causalHistory: ids.map((messageId) => ({ messageId, senderId: 'x' })) }),
    )
    const byTime = ids.toSorted(
      (a, b) => requestDelayMs('lip', 'bob', a, times) - requestDelayMs('lip', 'bob', b, times),
    )
    // All become due at once, as after a sleep: no timer has run meanwhile.
    net.now += 300_000
    bob.say('first')
    bob.say('second')
    bob.say('third')
    expect(requestsOf(bob)).toEqual([byTime.slice(0, 3), byTime.slice(3)])
  })

  it('asks by a message of its own when there is nothing to say, and again until it is answered', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, repair: { tMinMs: 1_000, tMaxMs: 2_000 } })
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    net.run(10_000)
    const asked = bob.sent.filter(({ kind }) => kind === 'sync').length
    expect(asked).toBeGreaterThan(3)
    expect(new Set(requestsOf(bob).flat())).toEqual(new Set(['a']))
    bob.receive(message({ messageId: 'a' }))
    net.run(10_000)
    expect(bob.sent.filter(({ kind }) => kind === 'sync')).toHaveLength(asked)
  })

  // REP-08
  it('asks no longer for what has arrived', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    net.run(1_000)
    bob.receive(message({ messageId: 'a' }))
    net.run(400_000)
    expect(requestsOf(bob)).toEqual([])
  })

  // REP-10
  it('leaves the asking to others who ask, and asks later if that was in vain', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    net.now += requestDelayMs('lip', 'bob', 'a', times) - 10
    bob.receive(message({ messageId: 'c', repairRequest: [{ messageId: 'a', senderId: 'carol' }] }))
    net.now += 10
    bob.say('nothing to ask')
    expect(requestsOf(bob)).toEqual([])
    net.run(120_000)
    expect(requestsOf(bob).flat()).toContain('a')
  })

  it('does not ask where repair is switched off', () => {
    const net = network()
    const bob = net.join('bob', { ...quiet, repair: { enabled: false } })
    bob.receive(message({ messageId: 'b', causalHistory: [{ messageId: 'a', senderId: 'carol' }] }))
    net.run(590_000)
    expect(requestsOf(bob)).toEqual([])
  })

  it('bounds the requests, and asks for the others as room becomes free', () => {
    const net = network()
    const bob = net.join('bob', {
      ...quiet,
      repair: { maxRequests: 2, maxRequestsPerMessage: 10, tMinMs: 1_000, tMaxMs: 1_001 },
    })
    const ids = Array.from({ length: 6 }, (_, i) => `missing-${i}`)
    bob.receive(
      message({ messageId: 'b', causalHistory: ids.map((messageId) => ({ messageId, senderId: 'x' })) }),
    )
    net.run(1_500)
    expect(requestsOf(bob).flat().toSorted()).toEqual(['missing-0', 'missing-1'])
    bob.receive(message({ messageId: 'missing-0' }))
    bob.receive(message({ messageId: 'missing-1' }))
    net.run(1_500)
    expect(new Set(requestsOf(bob).flat())).toEqual(new Set(ids.slice(0, 4)))
  })
})

describe('answering', () => {
  const ask = (entry: HistoryEntry, from = 'dave'): Uint8Array =>
    message({ senderId: from, messageId: `asks-${entry.messageId}-${from}`, repairRequest: [entry] })

  // REP-11
  it('answers for messages of its history only, and not without their sender', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    const id = bob.say('mine')
    bob.receive(ask({ messageId: id }))
    bob.receive(ask({ messageId: 'unknown', senderId: 'bob' }))
    net.run(300_000)
    expect(repairsOf(bob)).toEqual([])
    bob.receive(ask({ messageId: id, senderId: 'bob' }, 'erin'))
    net.run(1)
    expect(repairsOf(bob)).toEqual([id])
  })

  // REP-11
  it('answers only if it is in the group, by who really wrote the message', () => {
    const groups = 8
    const name = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'].find(
      (id) => !inResponseGroup('lip', 'bob', 'carol', id, groups),
    )!
    const net = network()
    const bob = net.join('bob', { ...quiet, repair: { responseGroups: groups } })
    bob.receive(message({ messageId: name }))
    bob.receive(ask({ messageId: name, senderId: 'bob' }))
    net.run(300_000)
    expect(repairsOf(bob)).toEqual([])
  })

  // REP-13 REP-21
  it('replays the message when its time has come, once: same message, no filter', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    alice.say('before')
    const id = alice.say('wanted')
    const bob = net.join('bob', quiet)
    for (const { payload } of alice.sent) bob.receive(payload)
    alice.online = false
    const delay = responseDelayMs('lip', 'bob', 'alice', id, 300_000)
    bob.receive(ask({ messageId: id, senderId: 'alice' }))
    net.run(delay - 1)
    expect(repairsOf(bob)).toEqual([])
    net.run(1)
    expect(repairsOf(bob)).toEqual([id])
    const [repaired] = bob.messages('repair')
    expect(repaired).toEqual({ ...decoded(alice.sent[1]!.payload), bloomFilter: undefined })
    net.run(600_000)
    expect(repairsOf(bob)).toEqual([id])
  })

  // REP-16
  it('leaves it to the first who answers', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const id = alice.say('wanted')
    const others = ['bob', 'carol', 'erin'].map((name) => net.join(name, quiet))
    for (const peer of others) peer.receive(alice.sent[0]!.payload)
    alice.online = false
    for (const peer of others) peer.receive(ask({ messageId: id, senderId: 'alice' }))
    net.run(300_000)
    expect(others.flatMap(repairsOf)).toEqual([id])
  })

  // REP-08
  it('need not answer once the message was seen again', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const id = alice.say('wanted')
    const bob = net.join('bob', quiet)
    bob.receive(alice.sent[0]!.payload)
    bob.receive(ask({ messageId: id, senderId: 'alice' }))
    bob.receive(alice.sent[0]!.payload)
    net.run(300_000)
    expect(repairsOf(bob)).toEqual([])
  })

  // REP-15
  it('ends with everybody having everything', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.online = false
    alice.say('m1')
    bob.online = true
    alice.say('m2')
    net.run(300_000)
    bob.say('m3')
    net.run(1_000)
    expect(bob.texts()).toEqual(['m1', 'm2'])
    expect(repairsOf(alice)).toHaveLength(1)
  })
})
