import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { RecentKeys } from './recent-keys.ts'
import { Subscriptions } from './subscriptions.ts'

const LIMITS = { subscriptionTimeoutMs: 100, maxPeers: 3, maxCriteriaPerPeer: 5 }

const step = fc.record({
  peer: fc.constantFrom('a', 'b', 'c'),
  topic: fc.constantFrom('x', 'y', 'z'),
  verb: fc.constantFrom('subscribe', 'unsubscribe', 'unsubscribeAll', 'forget'),
})

describe('subscriptions', () => {
  it('are for each topic exactly the peers that asked and did not leave', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const subscriptions = new Subscriptions({ ...LIMITS, maxCriteriaPerPeer: 100 })
        const model = new Map<string, Set<string>>([
          ['a', new Set()],
          ['b', new Set()],
          ['c', new Set()],
        ])
        for (const { peer, topic, verb } of steps) {
          const held = model.get(peer) as Set<string>
          if (verb === 'subscribe') {
            expect(subscriptions.subscribe(peer, 'p', [topic], 0)).toBeUndefined()
            held.add(topic)
          } else if (verb === 'unsubscribe') {
            expect(subscriptions.unsubscribe(peer, 'p', [topic], 0)).toBe(held.delete(topic))
          } else {
            if (verb === 'forget') subscriptions.forget(peer)
            else expect(subscriptions.unsubscribeAll(peer, 0)).toBe(held.size > 0)
            held.clear()
          }
          expect(subscriptions.ping(peer, 0)).toBe(held.size > 0)
        }
        for (const topic of ['x', 'y', 'z']) {
          const expected = [...model].filter(([, held]) => held.has(topic)).map(([peer]) => peer)
          expect(subscriptions.peersFor('p', topic, 0).toSorted()).toEqual(expected)
          expect(subscriptions.peersFor('q', topic, 0)).toEqual([])
        }
      }),
    )
  })

  it('end after the timeout, counted from the last ping or subscription', () => {
    const subscriptions = new Subscriptions(LIMITS)
    subscriptions.subscribe('a', 'p', ['x'], 0)
    subscriptions.subscribe('b', 'p', ['x'], 0)
    expect(subscriptions.ping('a', 90)).toBe(true)
    expect(subscriptions.peersFor('p', 'x', 101)).toEqual(['a'])
    expect(subscriptions.peersFor('p', 'x', 191)).toEqual([])
    expect(subscriptions.ping('a', 191)).toBe(false)
  })

  it('make room for a new peer when an old one has timed out', () => {
    const subscriptions = new Subscriptions(LIMITS)
    for (const peer of ['a', 'b', 'c']) subscriptions.subscribe(peer, 'p', ['x'], 0)
    expect(subscriptions.subscribe('d', 'p', ['x'], 50)).toBe('too-many-peers')
    expect(subscriptions.subscribe('d', 'p', ['x'], 150)).toBeUndefined()
  })

  it('do not mix up topics that read alike when put together', () => {
    const subscriptions = new Subscriptions(LIMITS)
    subscriptions.subscribe('a', 'ab', ['c'], 0)
    expect(subscriptions.peersFor('a', 'bc', 0)).toEqual([])
  })
})

describe('the recent keys', () => {
  it('are forgotten in the order in which they came', () => {
    const recent = new RecentKeys(2)
    expect(['a', 'b', 'a', 'c', 'a'].map((key) => recent.add(key))).toEqual([true, true, false, true, true])
  })
})
