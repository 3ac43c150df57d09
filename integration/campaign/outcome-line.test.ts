import { expect, it } from 'vitest'
import { lineOf } from './outcome-line.ts'

const outcome = { name: 'seed 7 sleep', facts: '3 members', again: '--seeds 7 --theme sleep' }

it('a run of a campaign is told with what was done, and one that went wrong with the command that repeats it', () => {
  expect(lineOf({ ...outcome, violations: [] })).toBe('seed 7 sleep: ok, 3 members')
  expect(
    lineOf({ ...outcome, violations: ['bob lacks 3'] })
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    'seed 7 sleep: NOT WELL, 3 members',
    'bob lacks 3',
    'again: npx pnpm@12 campaign --seeds 7 --theme sleep',
  ])
})
