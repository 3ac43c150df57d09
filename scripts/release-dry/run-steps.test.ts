import { expect, it } from 'vitest'
import { pooled, runSteps } from './run-steps.ts'

it('stops at the step that fails, and names it', async () => {
  const lines: string[] = []
  const done: string[] = []
  const step = (name: string, fails = false) => ({
    name,
    run: async (state: string[], say: (line: string) => void) => {
      say('at it')
      if (fails) throw new Error('npm install\nended with exit code 1')
      state.push(name)
      return 'done'
    },
  })
  const passed = await runSteps([step('pack'), step('install', true), step('run')], done, (line) =>
    lines.push(line),
  )
  expect(passed).toBe(false)
  expect(done).toEqual(['pack'])
  expect(lines.join('\n').replaceAll(/\d+\.\d s/g, 'N s')).toBe(
    [
      ' 1/3 pack …',
      '      at it',
      '      done (N s)',
      ' 2/3 install …',
      '      at it',
      'FAILED install after N s:',
      'npm install\nended with exit code 1',
    ].join('\n'),
  )
  expect(await runSteps([step('pack')], done, () => {})).toBe(true)
})

it('works through a list, so many at once', async () => {
  let atOnce = 0
  let most = 0
  const doubled = await pooled([3, 1, 2, 5, 4], 2, async (item) => {
    most = Math.max(most, ++atOnce)
    for (let turn = 0; turn < item; turn++) await Promise.resolve()
    atOnce--
    return 2 * item
  })
  expect(doubled).toEqual([6, 2, 4, 10, 8])
  expect(most).toBe(2)
})
