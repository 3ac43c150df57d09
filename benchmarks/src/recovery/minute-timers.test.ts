import { virtualTime } from '@reliable-channels/simulator'
import { describe, expect, it } from 'vitest'
import { minuteTimers } from './minute-timers.ts'

describe('timers of a tab in the background', () => {
  it('fire at the full minute after they are due, also those that set themselves again', async () => {
    const time = virtualTime({ startMs: 0 })
    const timers = minuteTimers(time)
    const fired: number[] = []
    timers.schedule(() => fired.push(time.now()), 1)
    timers.schedule(() => fired.push(time.now()), 60_001)
    timers.schedule(function again() {
      fired.push(time.now())
      if (fired.length < 5) this.schedule(undefined, 90_000)
    }, 150_000)
    await time.advance(600_000)
    expect(fired).toEqual([60_000, 120_000, 180_000, 300_000, 420_000])
  })

  it('do not fire once they were called off', async () => {
    const time = virtualTime({ startMs: 0 })
    let fired = false
    minuteTimers(time)
      .schedule(() => (fired = true), 1)
      .unsubscribe()
    await time.advance(120_000)
    expect(fired).toBe(false)
  })
})
