import { describe, expect, it } from 'vitest'
import { judge } from './document.ts'

describe('a row of a benchmark', () => {
  it('has a ratio above 1 where ours is better, whichever way better is', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25 }).row.ratio).toBe(2.5)
    expect(judge({ case: 'a', unit: 'MB/s', ours: 25, theirs: 10, better: 'larger' }).row.ratio).toBe(2.5)
  })

  it('meets a target for the ratio, or for a value of ours', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25, atLeast: 2 }).met).toBe(true)
    expect(judge({ case: 'a', unit: 'ns', ours: 10, theirs: 25, atLeast: 3 }).met).toBe(false)
    expect(judge({ case: 'a', unit: 'ns', ours: 10, atMost: 9 }).met).toBe(false)
    expect(judge({ case: 'a', unit: 'MB/s', ours: 10, oursAtLeast: 9 }).met).toBe(true)
    expect(judge({ case: 'a', unit: 'MB/s', ours: 10, oursAtLeast: 11 }).met).toBe(false)
    expect(judge({ case: 'a', unit: 'ns', ours: 10 }).met).toBeUndefined()
  })

  it('does not meet a target for a ratio where there is none', () => {
    expect(judge({ case: 'a', unit: 'ns', ours: 10, atLeast: 1 }).met).toBe(false)
  })

  it('holds exactly the fields of the document', () => {
    expect(Object.keys(judge({ case: 'a', unit: 'ns', ours: 1 }).row)).toEqual([
      'case',
      'unit',
      'ours',
      'theirs',
      'ratio',
      'target',
      'bound',
    ])
  })
})
