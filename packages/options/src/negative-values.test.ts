import { expect, test } from 'vitest'
import { joinNegativeValues } from './negative-values.ts'

// N11
test.each([
  [['--loss', '-0.1'], ['--loss=-0.1']],
  [
    ['a.txt', '--seed', '-1', '--json', '-.5', '-h'],
    ['a.txt', '--seed=-1', '--json=-.5', '-h'],
  ],
  [
    ['--loss=0.1', '-1', '-x', '-2'],
    ['--loss=0.1', '-1', '-x', '-2'],
  ],
  [
    ['--', '--loss', '-1'],
    ['--', '--loss', '-1'],
  ],
])('%j are %j', (args, joined) => {
  expect(joinNegativeValues(args)).toEqual(joined)
})
