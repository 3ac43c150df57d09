import { describe, expect, it } from 'vitest'
import { judge } from './document.ts'

describe('a row of a benchmark', () => {
  it('has a ratio above 1 where ours is better, whichever way better is', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25 }).ratio).toBe(2.5)
    expect(judge({ case: 'a', unit: 'MB/s', ours: 25, theirs: 10, better: 'larger' }).ratio).toBe(2.5)
  })

  it('meets a target for the ratio, or for a value of ours', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25, atLeast: 2 }).met).toBe(true)
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25, atLeast: 3 }).met).toBe(false)
    expect(judge({ case: 'a', unit: 'ns', ours: 10, atMost: 9 }).met).toBe(false)
    expect(judge({ case: 'a', unit: 'MB/s', ours: 10, oursAtLeast: 9 }).met).toBe(true)
    expect(judge({ case: 'a', unit: 'MB/s', ours: 10, oursAtLeast: 11 }).met).toBe(false)
    expect(judge({ case: 'a', unit: 'ns', ours: 10 }).met).toBeNull()
  })

  it('does not meet a target for a ratio where there is none', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, atLeast: 1 }).met).toBe(false)
  })

  it('says what its target is of, and whether it is met, where it has one', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25, atLeast: 2 })).toMatchObject({
      targetOf: 'ratio',
      met: true,
    })
    expect(judge({ case: 'a', unit: 'ns', ours: 10, atMost: 9 })).toMatchObject({
      targetOf: 'ours',
      met: false,
    })
    expect(judge({ case: 'a', unit: 'ns', ours: 10 })).toMatchObject({ targetOf: null, met: null })
  })

  it('of something that does not exist yet misses its target', () => {
    expect(judge({ case: 'a', unit: 'B', ours: null, theirs: 5, atMost: 9 })).toMatchObject({
      ours: null,
      ratio: null,
      met: false,
    })
  })

  it('says how far the ratios of several pairs lie apart', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 10, ratios: [1.1, 0.98, 1] }).spread).toEqual([
      0.98, 1.1,
    ])
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 10 }).spread).toBeNull()
  })

  it('compares as many digits as it shows, so that what reads as equal is', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10.00001, atMost: 10 }).met).toBe(true)
  })

  it('holds exactly the fields of the document', () => {
    expect(Object.keys(judge({ case: 'a', unit: 'ns', ours: 1 }))).toEqual([
      'case',
      'unit',
      'ours',
      'theirs',
      'ratio',
      'spread',
      'target',
      'targetOf',
      'met',
      'bound',
      'runs',
    ])
  })
})
