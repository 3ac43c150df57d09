import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RoundTrips } from './round-trips.ts'

const ACK_DELAY_MS = 100

/** One who has taken each of so many ms. */
function after(times: readonly number[], memberId = 'bob'): RoundTrips {
  const roundTrips = new RoundTrips(ACK_DELAY_MS)
  for (const ms of times) roundTrips.measured(memberId, ms)
  return roundTrips
}

const times = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 50 })

describe('the wait for an acknowledgement', () => {
  it('is a second before anything was measured', () => {
    expect(after([]).timeoutMs).toBe(1_000)
  })

  it('is what was measured and four times its variation, as in RFC 6298', () => {
    // The first: smoothed 800, variation 200.
    expect(after([800]).timeoutMs).toBe(1_600)
    // The variation is 3/4 × 200 + 1/4 × 800, the smoothed 7/8 × 800 + 1/8 × 1,600.
    expect(after([800, 1_600]).timeoutMs).toBe(900 + 4 * 350)
  })

  it('comes down to a tenth of a second more than what is always the same, and to half a second', () => {
    expect(after(Array.from({ length: 100 }, () => 2_000)).timeoutMs).toBeCloseTo(2_100)
    expect(after(Array.from({ length: 100 }, () => 10)).timeoutMs).toBe(500)
  })

  it('is never shorter than half a second, nor than what is smoothed, whatever was measured', () => {
    fc.assert(
      fc.property(times, (all) => {
        const { timeoutMs } = after(all)
        expect(timeoutMs).toBeGreaterThanOrEqual(500)
        expect(timeoutMs).toBeGreaterThanOrEqual(Math.min(...all))
        expect(timeoutMs).toBeLessThanOrEqual(Math.max(500, 5 * Math.max(...all) + 100))
      }),
    )
  })
})

describe('the age at which the absence of a copy tells that it is lost', () => {
  it('is 350 ms of a member who was never measured, whatever others took', () => {
    expect(after([5_000]).windowMs('carol')).toBe(350)
  })

  it('follows the shortest way of the member, without the delay of his acknowledgement', () => {
    expect(after([1_300, 900, 1_100, 1_500]).windowMs('bob')).toBeCloseTo(
      1.25 * (800 + 200 / 16 + 587.5 / 16) + 100,
    )
  })

  it('is no longer than half a second while few were measured: their acknowledgements may have been lost', () => {
    for (let count = 1; count < 4; count++) {
      expect(after(Array.from({ length: count }, () => 9_000)).windowMs('bob')).toBe(500)
    }
  })

  it('rises slowly where ways become longer, and falls at once', () => {
    const slow = after([...Array.from({ length: 8 }, () => 200), ...Array.from({ length: 100 }, () => 1_100)])
    expect(slow.windowMs('bob')).toBeGreaterThan(1_300)
    expect(slow.windowMs('bob')).toBeLessThanOrEqual(1_350)
    slow.measured('bob', 200)
    expect(slow.windowMs('bob')).toBe(225)
  })

  it('is between a tenth of a second and what the longest way makes it, whatever was measured', () => {
    fc.assert(
      fc.property(times, (all) => {
        const roundTrips = after(all)
        const windowMs = roundTrips.windowMs('bob')
        expect(windowMs).toBeGreaterThanOrEqual(100)
        expect(windowMs).toBeLessThanOrEqual(1.25 * Math.max(0, Math.max(...all) - ACK_DELAY_MS) + 100)
      }),
    )
  })

  it('is forgotten of whoever was measured longest ago, where many are made up', () => {
    const roundTrips = after([200], 'bob')
    for (let i = 0; i < 63; i++) roundTrips.measured(`carol ${i}`, 2_000)
    expect(roundTrips.windowMs('bob')).toBe(225)
    roundTrips.measured('dave', 2_000)
    expect(roundTrips.windowMs('bob')).toBe(350)
  })
})
