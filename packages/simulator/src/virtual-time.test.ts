import { interval, of, take, delay } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { virtualTime } from './virtual-time.ts'

describe('virtualTime', () => {
  it('does what is due in the order of time, then of scheduling, and moves the clock along', async () => {
    const time = virtualTime({ startMs: 1000 })
    const seen: string[] = []
    const note = (name: string) => () => seen.push(`${name}@${time.now()}`)
    time.schedule(note('late'), 50)
    time.schedule(note('first'), 10)
    time.schedule(note('second'), 10)
    time.schedule(note('at once'))
    await time.run()
    expect(seen).toEqual(['at once@1000', 'first@1010', 'second@1010', 'late@1050'])
  })

  it('lets promise chains settle between two moments', async () => {
    const time = virtualTime()
    const seen: string[] = []
    time.schedule(() => {
      void (async () => {
        for (let i = 0; i < 100; i++) await Promise.resolve()
        seen.push('chain')
      })()
    }, 1)
    time.schedule(() => seen.push('next'), 2)
    await time.run()
    expect(seen).toEqual(['chain', 'next'])
  })

  it('drives the timed operators of RxJS', async () => {
    const time = virtualTime({ startMs: 0 })
    const seen: unknown[] = []
    interval(1000, time)
      .pipe(take(3))
      .subscribe((value) => seen.push([value, time.now()]))
    of('x')
      .pipe(delay(2500, time))
      .subscribe((value) => seen.push([value, time.now()]))
    await time.run()
    expect(seen).toEqual([
      [0, 1000],
      [1, 2000],
      ['x', 2500],
      [2, 3000],
    ])
  })

  it('stops when `until` says so, when time is up, and when nothing is left, and tells which', async () => {
    const time = virtualTime({ startMs: 0 })
    let ticks = 0
    const subscription = interval(10, time).subscribe(() => ticks++)
    expect(await time.run({ until: () => ticks === 3 })).toBe(true)
    expect(time.now()).toBe(30)
    expect(await time.run({ until: () => false, maxMs: 25 })).toBe(false)
    expect([ticks, time.now()]).toEqual([5, 55])
    subscription.unsubscribe()
    expect(await time.run({ until: () => false })).toBe(false)
    // Work that was called off does not move the clock.
    expect(time.now()).toBe(55)
  })

  it('lets exactly the time pass that it is told, whether or not something is due', async () => {
    const time = virtualTime({ startMs: 0 })
    let done = false
    time.schedule(() => (done = true), 10)
    await time.advance(9)
    expect([done, time.now()]).toEqual([false, 9])
    await time.advance(91)
    expect([done, time.now()]).toEqual([true, 100])
  })

  it('does not do what was called off, even at the same moment', async () => {
    const time = virtualTime()
    const seen: string[] = []
    time.schedule(() => second.unsubscribe(), 5)
    const second = time.schedule(() => seen.push('second'), 5)
    await time.run()
    expect(seen).toEqual([])
  })
})
