import { describe, expect, it } from 'vitest'

import { Stamper, toMs } from './nanoseconds.ts'

const START = 1_750_000_000_000

describe('stamps', () => {
  it('are all different and in order, however many are made at a time', () => {
    const stamper = new Stamper()
    const stamps = Array.from({ length: 100 }, (_, i) => stamper.next(START, (i * 7) % 1))
    for (let i = 1; i < stamps.length; i++) expect(stamps[i]! > stamps[i - 1]!).toBe(true)
    expect(toMs(stamps.at(-1)!)).toBe(START)
  })

  it('follow a clock that was ahead and is set back', () => {
    const stamper = new Stamper()
    stamper.next(START + 3_600_000, 0.5)
    // Stores keep nothing that is 20 s off.
    expect(toMs(stamper.next(START, 0.5))).toBe(START)
    // Timers and clocks differ by little all the time.
    const last = stamper.next(START + 10, 0.5)
    expect(stamper.next(START + 5, 0.5)).toBe(last + 1n)
  })
})
