import { describe, expect, it } from 'vitest'
import { message } from '../../../test/message.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'
import type { HistoryEntry } from '../wire/message.ts'

const network = (): Network => new Network({ random: seeded(9) })
const quiet = { periodicSyncMs: 0, lostAfterMs: Infinity }
/** It acknowledges by what it is told to say alone. */
const silent = { ...quiet, ackSyncMinMs: 1e9, ackSyncMaxMs: 1e9 }

const after = (...causalHistory: HistoryEntry[]): Uint8Array => message({ messageId: 'b', causalHistory })

/** bob has heard of carol. */
function bobKnowsCarol(options = {}) {
  const net = network()
  const bob = net.join('bob', { ...quiet, ...options })
  bob.receive(message({ messageId: 'before' }))
  net.run(5_000)
  return { net, bob }
}

/** When, ms from now, and what it asks for. */
function requestsOf(net: Network, peer: Peer, ms: number): { at: number; ids: string[] }[] {
  const start = net.now
  const requests: { at: number; ids: string[] }[] = []
  let seen = peer.sent.length
  while (net.now < start + ms) {
    net.run(10)
    for (const { repairRequest } of peer.messages().slice(seen)) {
      if (repairRequest.length === 0) continue
      requests.push({ at: net.now - start, ids: repairRequest.map(({ messageId }) => messageId) })
    }
    seen = peer.sent.length
  }
  return requests
}

const copiesOf = (peer: Peer, kind: string): string[] =>
  peer.sent.filter((one) => one.kind === kind).map(({ messageId }) => messageId)

describe('asking an author who is there', () => {
  // REP-01
  it('begins 0.1 s after a message was missed, and goes on every one or two round trips', () => {
    const { net, bob } = bobKnowsCarol()
    bob.receive(after({ messageId: 'a', senderId: 'carol' }))
    const requests = requestsOf(net, bob, 5_000)
    expect(requests[0]).toEqual({ at: 120, ids: ['a'] })
    for (const [i, { at }] of requests.slice(1).entries()) {
      expect(at - requests[i]!.at).toBeGreaterThanOrEqual(400)
      expect(at - requests[i]!.at).toBeLessThanOrEqual(930)
    }
  })

  it('waits while others of his come out of order', () => {
    const { net, bob } = bobKnowsCarol()
    const names = ['a1', 'a2', 'a3', 'a4']
    bob.receive(after(...names.map((messageId) => ({ messageId, senderId: 'carol' }))))
    for (const messageId of names.slice(0, 3)) {
      net.run(80)
      bob.receive(message({ messageId }))
    }
    expect(requestsOf(net, bob, 500)[0]).toEqual({ at: 120, ids: ['a4'] })
  })

  it('begins within two seconds though others of his keep coming out of order', () => {
    const { net, bob } = bobKnowsCarol()
    const names = Array.from({ length: 40 }, (_, i) => `a${i}`)
    bob.receive(after(...names.map((messageId) => ({ messageId, senderId: 'carol' }))))
    const asked: number[] = []
    for (const [i, messageId] of names.slice(1).entries()) {
      for (const { at, ids } of requestsOf(net, bob, 80)) if (ids.includes('a0')) asked.push(80 * i + at)
      bob.receive(message({ messageId }))
    }
    expect(asked[0]).toBeGreaterThan(500)
    expect(asked[0]).toBeLessThan(2_200)
  })

  it('begins 0.1 s after the author was heard where a message was missed before', () => {
    const net = network()
    const bob = net.join('bob', quiet)
    bob.receive(message({ messageId: 'before', senderId: 'dave' }))
    const causalHistory = ['a', 'c'].map((messageId) => ({ messageId, senderId: 'carol' }))
    bob.receive(message({ messageId: 'b', senderId: 'dave', causalHistory }))
    net.run(2_000)
    // Others have been asked for it meanwhile.
    bob.receive(message({ messageId: 'news', senderId: 'carol' }))
    expect(requestsOf(net, bob, 5_000)[0]).toEqual({ at: 120, ids: ['a', 'c'] })
  })

  it('grows patient after ten requests, up to T_min', () => {
    const { net, bob } = bobKnowsCarol()
    bob.receive(after({ messageId: 'a', senderId: 'carol' }))
    const requests = requestsOf(net, bob, 400_000)
    expect(requests.length).toBeGreaterThan(15)
    expect(requests.length).toBeLessThan(30)
    const last = requests.at(-1)!.at - requests.at(-2)!.at
    expect(last).toBeGreaterThanOrEqual(30_000)
  })

  // REP-08
  it('ends when the message comes, or is not begun where it is only out of order', () => {
    const { net, bob } = bobKnowsCarol()
    bob.receive(after({ messageId: 'a', senderId: 'carol' }))
    net.run(90)
    bob.receive(message({ messageId: 'a' }))
    expect(requestsOf(net, bob, 60_000)).toEqual([])
  })

  it('waits as LIP-109 says where the author is not known, or times are given', () => {
    for (const [entry, repair] of [
      [{ messageId: 'a' }, {}],
      [{ messageId: 'a', senderId: 'carol' }, { tMinMs: 30_000 }],
      [{ messageId: 'a', senderId: 'carol' }, { tMaxMs: 300_000 }],
    ] as const) {
      const { net, bob } = bobKnowsCarol({ repair })
      bob.receive(after(entry))
      expect(requestsOf(net, bob, 29_900)).toEqual([])
    }
  })

  it('waits for what can be fetched, and not for what cannot', () => {
    const { net, bob } = bobKnowsCarol({ fetchMs: 5_000 })
    const retrievalHint = Uint8Array.of(1)
    bob.receive(
      after({ messageId: 'hinted', senderId: 'carol', retrievalHint }, { messageId: 'a', senderId: 'carol' }),
    )
    const requests = requestsOf(net, bob, 10_000)
    expect(requests[0]).toEqual({ at: 120, ids: ['a'] })
    const hinted = requests.find(({ ids }) => ids.includes('hinted'))!
    expect(hinted.at).toBeGreaterThan(4_500)
    expect(hinted.at).toBeLessThan(5_500)
  })

  // REP-06
  it('puts as many requests as fit into 6 kB into a sync message, and at most three into content', () => {
    const { net, bob } = bobKnowsCarol()
    const ids = Array.from({ length: 200 }, (_, i) => `${i}`.padStart(64, '0'))
    bob.receive(after(...ids.map((messageId) => ({ messageId, senderId: 'carol' }))))
    const requests = requestsOf(net, bob, 400)
    for (const one of requests) {
      expect(one.ids.length).toBeGreaterThan(30)
      expect(one.ids.join('').length).toBeLessThanOrEqual(6_144)
    }
    expect(new Set(requests.flatMap((one) => one.ids)).size).toBe(200)
    net.now += 5_000
    bob.say('and?')
    expect(bob.messages('content').at(-1)!.repairRequest).toHaveLength(3)
  })

  it('puts as many into any message as is said', () => {
    const { net, bob } = bobKnowsCarol({ repair: { maxRequestsPerMessage: 2 } })
    bob.receive(after(...['1', '2', '3', '4'].map((messageId) => ({ messageId, senderId: 'carol' }))))
    expect(requestsOf(net, bob, 400).map(({ ids }) => ids.length)).toEqual([2, 2])
  })
})

describe('asking others where the author is not there', () => {
  it('begins within a second after a message was missed, and grows patient', () => {
    const { net, bob } = bobKnowsCarol()
    bob.receive(after({ messageId: 'a', senderId: 'dave' }))
    const requests = requestsOf(net, bob, 900_000)
    expect(requests[0]!.at).toBeGreaterThanOrEqual(100)
    expect(requests[0]!.at).toBeLessThanOrEqual(1_000)
    expect(requests[2]!.at).toBeLessThan(15_000)
    expect(requests.length).toBeLessThanOrEqual(10)
    expect(requests.at(-1)!.at - requests.at(-2)!.at).toBeGreaterThan(120_000)
  })

  it('brings a chain of messages back in seconds, step by step, whose author has left', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const dave = net.join('dave', quiet)
    bob.say('hello')
    net.run(2_000)
    dave.online = false
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`)
    for (const line of lines) {
      alice.say(line)
      net.run(1_000)
    }
    alice.online = false
    net.run(700_000)
    dave.online = true
    bob.say('where were you?')
    net.run(60_000)
    expect(dave.texts().filter((text) => text.startsWith('line'))).toEqual(lines)
    expect(dave.eventsOf('lost')).toEqual([])
    expect(dave.delivered.some(({ late }) => late)).toBe(false)
  })

  it('brings back in seconds what a member itself wrote and has forgotten', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    bob.say('hello')
    net.run(2_000)
    const before = new Map(alice.store)
    for (let i = 0; i < 30; i++) {
      alice.say(`line ${i}`)
      net.run(1_000)
    }
    alice.store.clear()
    for (const [key, value] of before) alice.store.set(key, value)
    alice.restart()
    bob.say('and then?')
    net.run(60_000)
    expect(alice.texts()).toContain('and then?')
    expect(alice.eventsOf('lost')).toEqual([])
  })
})

describe('members who are asked in the place of an author', () => {
  /** Everybody has what alice said, who has left; erin has lost it. */
  function aliceHasLeft() {
    const net = network()
    const alice = net.join('alice', quiet)
    const others = ['bob', 'carol', 'dave'].map((name) => net.join(name, quiet))
    const id = alice.say('wanted')
    net.run(2_000)
    alice.online = false
    for (let i = 0; i < 12; i++) {
      for (const other of others) other.say('still here')
      net.run(60_000)
    }
    return { net, others, id }
  }
  const ask = (id: string): Uint8Array =>
    message({
      senderId: 'erin',
      messageId: `asks ${id}`,
      content: undefined,
      repairRequest: [{ messageId: id, senderId: 'alice' }],
    })

  it('give it by turns: one of them, within two seconds', () => {
    const { net, others, id } = aliceHasLeft()
    for (const other of others) other.receive(ask(id))
    net.run(2_000)
    expect(others.flatMap((other) => copiesOf(other, 'repair'))).toEqual([id])
  })

  it('leave it to the author where he was heard lately, until it was asked for four times', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', { ...quiet, random: () => 0.5 })
    const id = alice.say('wanted')
    net.run(2_000)
    alice.online = false
    for (let i = 0; i < 4; i++) {
      expect(copiesOf(bob, 'repair')).toEqual([])
      bob.receive(
        message({
          senderId: 'erin',
          messageId: `asks ${i}`,
          content: undefined,
          repairRequest: [{ messageId: id, senderId: 'alice' }],
        }),
      )
      net.run(1_000)
    }
    net.run(1_000)
    expect(copiesOf(bob, 'repair')).toEqual([id])
  })
})

describe('an author who is asked', () => {
  const ask = (messageId: string, from = 'dave'): Uint8Array =>
    message({
      senderId: from,
      messageId: `asks-${messageId}-${from}`,
      repairRequest: [{ messageId, senderId: 'alice' }],
    })

  it('sends what nobody has acknowledged again at once', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const id = alice.say('wanted')
    net.run(400)
    alice.receive(ask(id))
    expect(copiesOf(alice, 'retransmission')).toEqual([id])
  })

  it('gives what somebody else has at once too, and not again to those who ask with him', () => {
    const net = network()
    const alice = net.join('alice', quiet)
    const bob = net.join('bob', quiet)
    const id = alice.say('wanted')
    net.run(2_000)
    expect(alice.eventsOf('acknowledged')).toHaveLength(1)
    bob.online = false
    alice.receive(ask(id))
    net.run(1)
    expect(copiesOf(alice, 'repair')).toEqual([id])
    alice.receive(ask(id, 'erin'))
    net.run(100)
    expect(copiesOf(alice, 'repair')).toEqual([id])
    net.run(400)
    alice.receive(ask(id, 'frank'))
    net.run(1)
    expect(copiesOf(alice, 'repair')).toEqual([id, id])
  })

  // REP-13
  it('is answered for by another, unless the asker shows that he has it by then', () => {
    for (const shows of [false, true]) {
      const net = network()
      const alice = net.join('alice', quiet)
      const id = alice.say('wanted')
      const { payload } = alice.sent[0]!
      alice.online = false
      const bob = net.join('bob', silent)
      const dave = net.join('dave', silent)
      bob.receive(payload)
      bob.receive(ask(id))
      net.run(100)
      dave.receive(payload)
      if (shows) dave.say('thanks')
      net.run(300_000)
      expect(copiesOf(bob, 'repair')).toEqual(shows ? [] : [id])
    }
  })
})
