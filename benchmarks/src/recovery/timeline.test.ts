import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { a } from './cases/a.ts'
import { timeline } from './timeline.ts'
import type { Traced } from './trace.ts'

const README = new URL('../../../packages/sds/README.md', import.meta.url)

const told = (more: Partial<Traced>): Traced => ({
  atS: 0,
  who: 'alice',
  what: 'content',
  names: [],
  ...more,
})

describe('a timeline', () => {
  it('says in one line what somebody does with several messages at once, and which of them were lost', () => {
    const sent = [1, 2, 3, 5].map((name) =>
      told({ names: [name], bytes: 100, lostTo: name > 2 ? ['bob'] : [] }),
    )
    const again = told({ atS: 1.5, what: 'again', names: [3], lists: [{ word: 'after', names: [2] }] })
    expect(timeline([...sent, again])).toEqual([
      '    0.000  alice      content #1 … #3 #5  LOST to bob #3 #5',
      '    1.500  alice      again #3',
    ])
  })

  it('keeps apart what differs in the time, the member or the kind, and what is about no message', () => {
    const lists = [{ word: 'asks for', names: [4] }]
    const lines = timeline([
      told({ names: [1] }),
      told({ names: [2], atS: 0.1 }),
      told({ names: [2], atS: 0.1, who: 'bob' }),
      told({ names: [2], atS: 0.1, who: 'bob', what: 'repair' }),
      told({ atS: 0.2, what: 'sync', lists, lostTo: ['bob'] }),
      told({ atS: 0.2, what: 'sync', lists }),
    ])
    expect(lines).toHaveLength(6)
    expect(lines.slice(4)).toEqual([
      '    0.200  alice      sync, asks for #4  LOST to bob',
      '    0.200  alice      sync, asks for #4',
    ])
  })

  // Where this fails, the README gets what `pnpm bench recovery --case A --seeds 3 --timeline` prints, and its text what differs.
  it('stands in the README of sds as the run is today', async () => {
    const run: Traced[] = []
    await a.run(3, (traced) => run.push(traced))
    const [, block] = /--timeline`[^]*?```text\n([^]*?)```/.exec(readFileSync(README, 'utf8')) ?? []
    expect(block?.trimEnd().split('\n')).toEqual(timeline(run))
  })
})
