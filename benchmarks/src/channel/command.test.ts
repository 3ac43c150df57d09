import { describe, expect, it } from 'vitest'
import { HERE } from '../baseline-folder.ts'
import { BenchUsageError } from '../document.ts'
import { cases } from './cases.ts'
import { readCommand } from './command.ts'

describe('the command line of the benchmark of channels', () => {
  it('measures all cases, or those named, in their order', () => {
    expect(readCommand({}, cases)).toEqual({ cases, baseline: undefined, isFlame: false })
    expect(readCommand({ case: ['burst', 'idle'] }, cases).cases.map(({ id }) => id)).toEqual([
      'idle',
      'burst',
    ])
  })

  it('tells where the time goes, where that is asked for', () => {
    expect(readCommand({ flame: true }, cases).isFlame).toBe(true)
  })

  it('takes the folder of another checkout', () => {
    expect(readCommand({ baseline: HERE }, cases).baseline).toBe(HERE.replace(/\/$/, ''))
  })

  it.each([{ case: ['tea'] }, { baseline: '/nowhere' }])('refuses %o', (values) => {
    expect(() => readCommand(values, cases)).toThrow(BenchUsageError)
  })

  it('has no two cases or rows of one name', () => {
    const ids = cases.map(({ id }) => id)
    const names = cases.flatMap(({ figures }) => figures.map(({ name }) => name))
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(names).size).toBe(names.length)
  })
})
