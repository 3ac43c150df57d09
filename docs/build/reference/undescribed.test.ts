import { expect, it } from 'vitest'
import { undescribed } from './undescribed.ts'

it('finds the rows of a reference that say nothing', () => {
  const markdown = [
    '| option | default | |',
    '| --- | --- | --- |',
    '| <code>a</code><br>`x \\| y` | 1 | Does this. |',
    '| <code>b</code> | 2 |  |',
    '',
    '| event | means |',
    '| --- | --- |',
    '| `c` |  |',
  ].join('\n')
  expect(undescribed('reference/options', markdown, 2)).toEqual([
    'reference/options: says nothing of <code>b</code>',
  ])
  expect(undescribed('reference/events', markdown, 1)).toEqual(['reference/events: says nothing of `c`'])
})
