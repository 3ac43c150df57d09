import { describe, expect, it } from 'vitest'
import { BenchUsageError } from '../document.ts'
import { cases } from './cases.ts'
import { readCommand } from './command.ts'

const ids = (letters: string[]): string[] => readCommand({ case: letters }, cases).cases.map(({ id }) => id)

describe('the command line of the benchmark of recovery', () => {
  it('runs all cases, or those named, in their order', () => {
    expect(readCommand({}, cases).cases).toEqual(cases)
    expect(ids(['c', 'A'])).toEqual(['A', 'C', 'C'])
  })

  it('takes the seeds of each case, or those named', () => {
    const [first] = cases
    expect(readCommand({}, cases).seedsOf(first!)).toHaveLength(first!.seeds)
    expect(readCommand({ seeds: '7..9' }, cases).seedsOf(first!)).toEqual([7, 8, 9])
    expect(readCommand({ seeds: '7' }, cases).seedsOf(first!)).toEqual([7])
  })

  it('runs what no seed changes once', () => {
    const weighing = cases.find(({ seeded }) => seeded === false)
    expect(readCommand({ seeds: '1..100' }, cases).seedsOf(weighing!)).toEqual([1])
  })

  it('tells one run where no seeds are named, every frame or in few lines', () => {
    const [first] = cases
    expect(readCommand({}, cases).tell).toBeUndefined()
    for (const [option, tell] of Object.entries({ trace: 'frames', timeline: 'timeline' })) {
      const command = readCommand({ [option]: true }, cases)
      expect(command.tell).toBe(tell)
      expect(command.seedsOf(first!)).toEqual([1])
    }
  })

  it.each([{ seeds: '9..7' }, { seeds: 'all' }, { seeds: '' }, { case: ['Z'] }])('refuses %o', (values) => {
    expect(() => readCommand(values, cases)).toThrow(BenchUsageError)
  })

  it('has no two rows of one name', () => {
    const names = cases.flatMap(({ id, title, figures }) =>
      figures.map(({ name }) => `${id} ${title}: ${name}`),
    )
    expect(new Set(names).size).toBe(names.length)
  })
})
