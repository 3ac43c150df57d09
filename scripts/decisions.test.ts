import { describe, expect, it } from 'vitest'
import { indexDecisions } from './decisions.ts'

const entry = (heading: string, packages?: string): string =>
  `## ${heading}\n\n- **Status**: accepted\n${packages === undefined ? '' : `- **Packages**: ${packages}\n`}- **Decision**: Yes.\n`

const list = (...entries: readonly string[]): string =>
  `# Decisions\n\n<!-- index -->\n<!-- /index -->\n\n${entries.join('\n')}`

const problemsOf = (...entries: readonly string[]): readonly string[] =>
  indexDecisions(list(...entries), ['queue', 'project']).problems

describe('the index of decisions', () => {
  it('names each entry under each of its packages', () => {
    const { text, problems } = indexDecisions(
      list(entry(`1. One queue's order`, 'queue'), entry('1a. Two (of them), more', 'project, queue')),
      ['queue', 'bare', 'project'],
    )
    expect(problems).toEqual([])
    expect(text).toContain(`<!-- index -->

**queue**

- [1. One queue's order](#1-one-queues-order)
- [1a. Two (of them), more](#1a-two-of-them-more)

**project**

- [1a. Two (of them), more](#1a-two-of-them-more)

<!-- /index -->`)
  })

  it('stays as it is when nothing has changed, and does not when an entry was added', () => {
    const one = entry('1. One', 'queue')
    const { text } = indexDecisions(list(one), ['queue'])
    expect(indexDecisions(text, ['queue']).text).toBe(text)
    const longer = `${text}\n${entry('2. Two', 'queue')}`
    expect(indexDecisions(longer, ['queue']).text).not.toBe(longer)
  })

  it('misses an entry that names no package', () => {
    expect(problemsOf(entry('1. One', 'queue'), entry('2. Two'))).toEqual([
      'decision 2 says no - **Packages**: after its status',
    ])
  })

  it('misses a package that does not exist', () => {
    expect(problemsOf(entry('1. One', 'queue, cue'))).toEqual(['decision 1: no package cue'])
  })

  it('notices two entries of one number, and one out of order', () => {
    const heads = ['9. A', '10. B', '10a. C', '10a. D', '8. E']
    expect(problemsOf(...heads.map((head) => entry(head, 'queue')))).toEqual([
      'decision 10a stands after 10a',
      'decision 8 stands after 10a',
    ])
  })

  it('misses its own place', () => {
    expect(indexDecisions(entry('1. One', 'queue'), ['queue']).problems).toEqual([
      'no place for the index: <!-- index --> and <!-- /index -->',
    ])
  })
})
