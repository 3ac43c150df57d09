import { describe, expect, it } from 'vitest'

import { QuotaLedger } from './quota.ts'
import { RequestLimiter } from './rate-limiter.ts'

const LIGHT_PUSH = { volume: 5, periodMs: 1000 }

/** The numbers (from 1) of the requests that were turned away. */
function turnedAway(limiter: RequestLimiter, peer: string, times: readonly number[]): number[] {
  return times.flatMap((at, index) => (limiter.admit(peer, at) ? [] : [index + 1]))
}

function every(ms: number, count: number, from = 60_000): number[] {
  return Array.from({ length: count }, (_, index) => from + index * ms)
}

describe('the rate limiter behaves as a real node was seen to', () => {
  it('takes 37 of one peer in a row, and another peer right after', () => {
    const limiter = new RequestLimiter(LIGHT_PUSH, 0)
    expect(turnedAway(limiter, 'a', every(50, 60)).at(0)).toBe(38)
    expect(turnedAway(limiter, 'b', every(50, 16, 63_000))).toEqual([])
  })

  it('takes 3.5 a second for as long as they come', () => {
    expect(turnedAway(new RequestLimiter(LIGHT_PUSH, 0), 'a', every(286, 84))).toEqual([])
  })

  it('at 5 a second turns away from no. 38 to the end of the window of ten seconds', () => {
    expect(turnedAway(new RequestLimiter(LIGHT_PUSH, 0), 'a', every(200, 75))).toEqual(
      Array.from({ length: 13 }, (_, index) => 38 + index),
    )
  })

  it('stalls early on a node that has just started', () => {
    const [first] = turnedAway(new RequestLimiter(LIGHT_PUSH, 60_000), 'a', every(120, 30))
    expect(first).toBeGreaterThan(5)
    expect(first).toBeLessThan(16)
  })

  it('remembers no more peers than it can', () => {
    const limiter = new RequestLimiter({ volume: 1_000_000, periodMs: 60_000 }, 0)
    for (let peer = 0; peer < 30_000; peer++) expect(limiter.admit(`peer ${peer}`, 1)).toBe(true)
  })
})

describe('the quota ledger', () => {
  it('gives every peer its quota anew in each epoch', () => {
    const ledger = new QuotaLedger({ messages: 2, epochMs: 1000 })
    const spent = [1, 2, 3, 999].map((at) => ledger.spend('a', at))
    expect(spent).toEqual([true, true, false, false])
    expect(ledger.spend('b', 999)).toBe(true)
    expect(ledger.spend('a', 1000)).toBe(true)
  })
})
