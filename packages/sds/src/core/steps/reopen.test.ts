import { describe, expect, it } from 'vitest'
import { LIP_TIMES } from '../../../test/lip-times.ts'
import { message } from '../../../test/message.ts'
import { Network, type Peer, seeded } from '../../../test/network.ts'

const HOUR_MS = 3_600_000
const network = (): Network => new Network({ random: seeded(23) })

const firsts = (peer: Peer): string[] =>
  peer
    .eventsOf('acknowledged')
    .filter(({ first }) => first)
    .map(({ messageId }) => messageId)
const outgoingOf = (peer: Peer): number =>
  [...peer.store.keys()].filter((key) => key.startsWith('out/')).length

/** alice and bob, who know each other, and nothing passes between them any more. */
function cutOff(options = {}) {
  const net = network()
  const alice = net.join('alice', options)
  const bob = net.join('bob', options)
  alice.say('hello')
  net.run(1_000)
  bob.say('hello')
  net.run(5_000)
  net.passes = () => false
  return { net, alice, bob }
}

// F2
describe('what was given up', () => {
  it('is sent again at once to whoever is heard and lacks it, and is acknowledged then', () => {
    const { net, alice, bob } = cutOff({ periodicSyncMs: 0 })
    const ids = ['1', '2', '3'].map((text) => alice.say(text))
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed').map(({ messageId }) => messageId)).toEqual(ids)
    net.passes = () => true
    bob.say('back')
    net.run(1_000)
    expect(bob.texts().slice(-3)).toEqual(['1', '2', '3'])
    expect(firsts(alice).slice(-3).toSorted()).toEqual(ids.toSorted())
    expect(outgoingOf(alice)).toBe(0)
    expect(alice.eventsOf('retransmitted').filter(({ messageId }) => messageId === ids[0])).toHaveLength(1)
  })

  it('stays so where a filter that holds all ids says that it came, whatever else is on its way', () => {
    const { net, alice } = cutOff({ periodicSyncMs: 0 })
    const lost = alice.say('1')
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed').map(({ messageId }) => messageId)).toEqual([lost])
    alice.say('2')
    net.run(1_000)
    const bloomFilter = new Uint8Array(alice.messages()[0]!.bloomFilter!.length).fill(255)
    alice.receive(message({ messageId: 'a lie', lamport: net.now, bloomFilter }))
    net.run(1_000)
    expect(alice.eventsOf('filter-ignored').map(({ detail }) => detail)).toEqual([
      'a filter that holds 100 % of all ids',
    ])
    expect(alice.stage.outgoing().messages).toBe(1)
  })

  it('comes after two pauses of an hour each, in which both have given it up', () => {
    const { net, alice, bob } = cutOff()
    const ids = Array.from({ length: 10 }, (_, i) => alice.say(`${i}`))
    // The last alone has come: he misses the others.
    bob.receive(alice.sent.at(-1)!.payload)
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(10)
    expect(bob.eventsOf('lost').length).toBeGreaterThan(0)
    // A moment in which one of three gets through.
    net.passes = () => true
    net.loss = 0.7
    net.run(2_000)
    net.passes = () => false
    net.loss = 0
    net.run(HOUR_MS)
    net.passes = () => true
    net.run(30_000)
    alice.say('still there?')
    bob.say('yes')
    net.run(60_000)
    expect(new Set(bob.texts())).toEqual(
      new Set(['hello', ...Array.from({ length: 10 }, (_, i) => `${i}`), 'still there?']),
    )
    expect(firsts(alice)).toEqual(expect.arrayContaining(ids))
    expect(alice.stage.outgoing().messages).toBe(0)
  })

  it('is sent again after a restart too', () => {
    const { net, alice, bob } = cutOff({ periodicSyncMs: 0 })
    const id = alice.say('1')
    net.run(HOUR_MS)
    alice.restart()
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
    expect(alice.stage.isUnacknowledged(id)).toBe(false)
    net.passes = () => true
    bob.say('back')
    net.run(1_000)
    expect(bob.texts()).toEqual(['hello', '1'])
    expect(firsts(alice)).toContain(id)
  })

  it('is acknowledged after a restart by whoever names it, first of all who have it', () => {
    const { net, alice, bob } = cutOff({ periodicSyncMs: 0 })
    const id = alice.say('1')
    bob.receive(alice.sent.at(-1)!.payload)
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
    alice.restart()
    net.passes = () => true
    bob.say('I have had it for an hour')
    net.run(100)
    expect(alice.eventsOf('acknowledged').at(-1)).toMatchObject({ messageId: id, by: 'bob', first: true })
    expect(alice.stage.acknowledgedBy(id)).toEqual(['bob'])
    expect(outgoingOf(alice)).toBe(0)
  })

  it('is acknowledged after a restart by filters, when nobody names it any more', () => {
    const { net, alice, bob } = cutOff({ periodicSyncMs: 0, causalHistoryLength: 1 })
    const id = alice.say('1')
    bob.receive(alice.sent.at(-1)!.payload)
    for (const text of ['a', 'b']) bob.say(text)
    net.run(HOUR_MS)
    alice.restart()
    net.passes = (from) => from === bob
    bob.say('c')
    net.run(100)
    bob.say('d')
    net.run(100)
    expect(firsts(alice)).toContain(id)
  })

  it('is given up again where he who was heard is away again', () => {
    const { net, alice, bob } = cutOff({ periodicSyncMs: 0 })
    alice.say('1')
    net.run(HOUR_MS)
    net.passes = (from) => from === bob
    bob.say('back')
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(2)
    expect(outgoingOf(alice)).toBe(1)
  })

  it('is sent by the clock again where fixed times are given', () => {
    const { net, alice, bob } = cutOff({ ...LIP_TIMES, periodicSyncMs: 0, repair: { enabled: false } })
    const id = alice.say('1')
    net.run(HOUR_MS)
    expect(alice.eventsOf('delivery-failed')).toHaveLength(1)
    net.passes = () => true
    bob.say('back')
    net.run(10_000)
    expect(bob.texts()).toContain('1')
    expect(firsts(alice)).toContain(id)
  })

  it('is forgotten with the history', () => {
    const { net, alice } = cutOff({ periodicSyncMs: 0, maxHistory: 5 })
    alice.say('1')
    net.run(HOUR_MS)
    for (let i = 0; i < 6; i++) alice.say(`more ${i}`)
    expect(outgoingOf(alice)).toBe(6)
    alice.restart()
    expect(outgoingOf(alice)).toBe(6)
  })
})

// F2
describe('where nothing can leave', () => {
  it.each([
    ['measured', {}],
    ['fixed', { acknowledgementTimeoutMs: 5_000, maxRetransmissions: 5 }],
  ])('nothing is given up, and it goes soon after something leaves again; times are %s', (_, options) => {
    const net = network()
    const alice = net.join('alice', { periodicSyncMs: 0, dispatch: 'reported', ...options })
    const bob = net.join('bob', { periodicSyncMs: 0 })
    net.passes = (from) => from === bob
    let seen = 0
    const dispatchAll = (outcome: 'failed' | 'dispatched'): void => {
      for (; seen < alice.sent.length; seen++) {
        const { messageId, kind } = alice.sent[seen]!
        if (kind === 'sync') alice.input({ type: 'dispatch-ended', messageId, outcome, kind: 'sync' })
        else alice.input({ type: 'dispatch-ended', messageId, outcome })
      }
    }
    const id = alice.say('1')
    for (let second = 0; second < 3_600; second++) {
      dispatchAll('failed')
      net.run(1_000)
    }
    expect(alice.eventsOf('delivery-failed')).toEqual([])
    net.passes = () => true
    alice.say('2')
    for (let second = 0; second < 10; second++) {
      dispatchAll('dispatched')
      net.run(1_000)
    }
    expect(bob.texts()).toEqual(['1', '2'])
    expect(firsts(alice)).toContain(id)
  })
})
