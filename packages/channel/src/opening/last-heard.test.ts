import { describe, expect, it } from 'vitest'
import { createLastHeard } from './last-heard.ts'

const NOW = 1_750_000_000_000
const HOUR_MS = 3_600_000

function stored(value: number): { key: string; value: Uint8Array }[] {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value)
  return [{ key: 'last', value: bytes }]
}
const restored = (value: number, corrupt: string[] = []): ReturnType<typeof createLastHeard> =>
  createLastHeard(stored(value), (_, reason) => corrupt.push(reason))

describe('when a channel last heard anything', () => {
  it('is stored every few seconds, and comes back', () => {
    const fresh = createLastHeard([], () => {})
    expect(fresh.at(NOW)).toBeUndefined()
    expect(fresh.heard(NOW)).toEqual([{ key: 'last', value: stored(NOW)[0]!.value }])
    expect(fresh.heard(NOW + 9_999)).toEqual([])
    expect(fresh.at(NOW + 20_000)).toBe(NOW + 9_999)
    expect(restored(NOW).at(NOW + 20_000)).toBe(NOW)
  })

  it('is noted, and stored with what is written next, where it was heard before', () => {
    const heard = restored(NOW)
    heard.again(NOW + 9_999)
    expect([heard.due(), heard.at(NOW + 20_000)]).toEqual([[], NOW + 9_999])
    heard.again(NOW + 10_000)
    expect(heard.due()).toEqual(stored(NOW + 10_000))
    expect(heard.due()).toEqual([])
  })

  it('is not known where a clock noted it that was ahead: the last hour may have been missed', () => {
    const ahead = restored(NOW + HOUR_MS)
    expect(ahead.at(NOW)).toBe(NOW - HOUR_MS)
    expect(ahead.heard(NOW)).toHaveLength(1)
    expect(ahead.at(NOW + 1)).toBe(NOW)
  })

  it('is noted by the clocks of others, where the own one is ahead, by up to an hour', () => {
    // F13
    const ahead = restored(NOW)
    ahead.heard(NOW + HOUR_MS, NOW)
    expect(ahead.at(NOW + HOUR_MS)).toBe(NOW)
    // What says nothing of a clock: an own message that came back, and the beginning of listening.
    ahead.again(NOW + HOUR_MS + 1_000)
    expect(ahead.at(NOW + 2 * HOUR_MS)).toBe(NOW + 1_000)
    ahead.heard(NOW + HOUR_MS + 2_000)
    expect(ahead.at(NOW + 2 * HOUR_MS)).toBe(NOW + 2_000)
    // Nobody takes it further back.
    ahead.heard(NOW + HOUR_MS + 3_000, 0)
    expect(ahead.at(NOW + 2 * HOUR_MS)).toBe(NOW + 3_000)
    // Nor ahead, and what the network lets be is nothing.
    for (const timestampMs of [NOW + 9 * HOUR_MS, NOW - 20_000]) {
      ahead.heard(NOW, timestampMs)
      expect(ahead.at(NOW)).toBe(NOW)
    }
  })

  it('tells how far the own clock is ahead, and by the soonest of the messages', () => {
    // F13
    const ahead = createLastHeard([], () => {})
    ahead.heard(NOW)
    expect([ahead.aheadMs(), ahead.leastAheadMs()]).toEqual([0, 0])
    ahead.heard(NOW + 1_000, NOW - 30 * 60_000)
    ahead.heard(NOW + 2_000, NOW - 20 * 60_000)
    ahead.heard(NOW + 3_000, 0)
    expect([ahead.aheadMs(), ahead.leastAheadMs()]).toEqual([HOUR_MS, 20 * 60_000 + 2_000])
    ahead.heard(NOW + 4_000, NOW + 4_000)
    expect([ahead.aheadMs(), ahead.leastAheadMs()]).toEqual([0, 0])
  })

  it.each([Number.NaN, Infinity, -1])('is reported and forgotten where it is %s', (value) => {
    const corrupt: string[] = []
    expect(restored(value, corrupt).at(NOW)).toBeUndefined()
    expect(corrupt).toEqual(['not a record of this version'])
  })
})
