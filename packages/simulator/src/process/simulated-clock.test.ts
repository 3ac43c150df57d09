import { expect, it } from 'vitest'
import { virtualTime } from '../virtual-time.ts'
import { simulatedClock } from './simulated-clock.ts'
import { simulatedProcess } from './simulated-process.ts'

it('is off, may be set, and timers do not care', async () => {
  const time = virtualTime({ startMs: 1_000_000 })
  const clock = simulatedClock(time, { offsetMs: -60_000 })
  let firedAtMs: number | undefined
  clock.schedule(() => (firedAtMs = time.now()), 5_000)
  expect(clock.now()).toBe(940_000)
  clock.set(3_600_000)
  expect([clock.now(), clock.offsetMs]).toEqual([4_540_000, 3_540_000])
  await time.advance(10_000)
  expect(firedAtMs).toBe(1_005_000)
})

it('drifts, and its timers with it', async () => {
  const time = virtualTime({ startMs: 0 })
  const clock = simulatedClock(time, { drift: 0.25 })
  let firedAtMs: number | undefined
  clock.schedule(() => (firedAtMs = time.now()), 10_000)
  await time.advance(100_000)
  expect([clock.now(), firedAtMs]).toEqual([125_000, 8_000])
})

it('fires overdue timers one after the other when it goes on', async () => {
  const time = virtualTime({ startMs: 0 })
  const clock = simulatedClock(time)
  const fired: string[] = []
  for (const name of ['a', 'b']) clock.schedule(() => fired.push(name), 100)
  clock.freeze()
  await time.advance(1_000)
  clock.thaw()
  expect(fired).toEqual([])
  await time.advance(0)
  expect(fired).toEqual(['a', 'b'])
})

it('repeats an action that schedules itself, and stops at its end', async () => {
  const time = virtualTime({ startMs: 0 })
  const clock = simulatedClock(time)
  let count = 0
  clock.schedule(function () {
    count++
    this.schedule(undefined, 100)
  }, 100)
  await time.advance(550)
  clock.end()
  await time.advance(1_000)
  expect([count, clock.waiting]).toEqual([5, 0])
})

it('refuses a clock that means nothing', () => {
  const time = virtualTime()
  expect(() => simulatedClock(time, { drift: -1 })).toThrow('"drift" expected')
  expect(() => simulatedClock(time, { offsetMs: Number.NaN })).toThrow('"offsetMs" expected')
  expect(() => simulatedClock(time, { slow: true } as never)).toThrow('got "slow"')
  expect(() => simulatedProcess(time).thaw({ quickly: true } as never)).toThrow('got "quickly"')
})

it('fires timers only once a minute while it is throttled', async () => {
  const time = virtualTime({ startMs: 0 })
  const clock = simulatedClock(time)
  const fired: number[] = []
  clock.schedule(function () {
    fired.push(time.now())
    this.schedule(undefined, 1_000)
  }, 1_000)
  await time.advance(2_500)
  clock.throttle(60_000)
  await time.advance(130_000)
  clock.throttle(0)
  await time.advance(2_000)
  expect(fired).toEqual([1_000, 2_000, 62_500, 122_500, 132_500, 133_500, 134_500])
})
