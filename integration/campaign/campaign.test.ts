import { expect, it } from 'vitest'
import { runRound } from './round.ts'
import { themeNames } from './themes.ts'

// Signatures take a while: see the presets of `simulate`.
const quick = themeNames.filter((theme) => theme !== 'impostors')

for (const theme of [...quick, 'everything'])
  it(`everything arrives once, in order, and nothing untrue is told: ${theme}`, async () => {
    for (const seed of [1]) {
      const { violations } = await runRound({ seed, theme })
      expect(violations, `npx pnpm@12 campaign --seeds ${seed} --theme ${theme}`).toEqual([])
    }
  })

it('a round is the same from the same seed', async () => {
  const round = { seed: 1, theme: 'crash+loss' }
  expect(await runRound(round)).toEqual(await runRound(round))
})
