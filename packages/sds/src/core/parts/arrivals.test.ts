import { expect, it } from 'vitest'
import { Arrivals } from './arrivals.ts'

/** Content comes so often, so far apart. */
function came(arrivals: Arrivals, gapMs: number, count: number): void {
  for (let i = 0; i < count; i++) arrivals.came(i * gapMs, true)
}

it.each([
  ['too close together', 100, 50, 0],
  ['too far apart', 5_000, 50, 0],
  ['too few', 500, 4, 0],
  ['steady', 500, 6, 2_000],
  ['steady and slow, to a limit', 3_000, 6, 4_000],
])('has an acknowledgement wait for more where content is steady: %s', (_, gapMs, count, patienceMs) => {
  const arrivals = new Arrivals()
  // The first has no gap before it that says anything.
  came(arrivals, gapMs, count)
  expect(arrivals.patienceMs).toBe(patienceMs)
})

it('has none wait after something was missed, or came out of order', () => {
  for (const disturb of [
    (arrivals: Arrivals) => arrivals.missed(),
    (arrivals: Arrivals) => arrivals.came(3_000, false),
  ]) {
    const arrivals = new Arrivals()
    came(arrivals, 500, 6)
    disturb(arrivals)
    expect(arrivals.patienceMs).toBe(0)
  }
})

it('says things more often the more is missed', () => {
  const [unknown, good, bad] = [new Arrivals(), new Arrivals(), new Arrivals()]
  came(good, 10, 200)
  came(bad, 10, 200)
  for (let i = 0; i < 100; i++) bad.missed()
  expect([good.copies, bad.copies, unknown.copies]).toEqual([1, 3, 3])
  expect(good.leastLoss).toBe(0)
  expect(bad.leastLoss).toBeGreaterThan(0.2)
  expect(bad.leastLoss).toBeLessThan(1 / 3)
})

it('goes by what all on the network find until it has heard enough itself', () => {
  const losses = { arrived: 0, missed: 0 }
  const [other, own] = [new Arrivals(losses), new Arrivals(losses)]
  expect(own.copies).toBe(3)
  came(other, 10, 200)
  expect(own.copies).toBe(1)
  for (let i = 0; i < 8; i++) own.missed()
  expect([own.copies, other.copies]).toEqual([3, 1])
  came(own, 10, 200)
  expect(own.copies).toBe(1)
  // Nobody else's count is its own.
  for (let i = 0; i < 10_000; i++) other.missed()
  expect([own.copies, new Arrivals(losses).copies, new Arrivals().copies]).toEqual([1, 3, 3])
})
