import { expect, it } from 'vitest'
import { isSearching } from './member.ts'
import { runRound } from './round.ts'
import { themeNames } from './themes.ts'

for (const theme of [...themeNames, 'everything'])
  it(`everything arrives once, in order, and nothing untrue is told: ${theme}`, async () => {
    for (const seed of [1]) {
      const { violations } = await runRound(seed, theme)
      expect(violations, `npx pnpm@12 campaign --seeds ${seed} --theme ${theme}`).toEqual([])
    }
  })

it('a round is the same from the same seed', async () => {
  expect(await runRound(1, 'crash+loss')).toEqual(await runRound(1, 'crash+loss'))
})

// F2
it('a round may end while lost messages are looked for, and not while others are missing', async () => {
  expect(isSearching({ state: 'missing', missing: 2, lost: 2 })).toBe(true)
  expect(isSearching({ state: 'missing', missing: 3, lost: 2 })).toBe(false)
  // A message that has come waits.
  expect(isSearching({ state: 'missing', missing: 0, lost: 2 })).toBe(false)
  expect(isSearching({ state: 'catching-up', missing: 1, lost: 2 })).toBe(false)
  expect((await runRound(20_369, 'everything')).violations).toEqual([])
})
