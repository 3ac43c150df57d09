import { expect, it } from 'vitest'
import { commandOf } from './command-line.ts'
import { presets } from './presets.ts'
import { run } from './run.ts'

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1)
/** Of presets in which much is sealed, signed and made up. */
const FEW_SEEDS: Readonly<Record<string, number>> = { liars: 8, impostors: 2 }

for (const [preset, { title, values }] of Object.entries(presets))
  it(`everything arrives once, in order, and nothing untrue is told: ${preset}, ${title}`, async () => {
    for (const seed of SEEDS.slice(0, FEW_SEEDS[preset])) {
      const { violations, arrived } = await run(values, seed)
      expect(violations, commandOf({ preset, own: {} }, seed)).toEqual([])
      expect(arrived).toBeGreaterThan(0)
    }
  })

it('half of everything is lost, and it still arrives', async () => {
  const own = { loss: 0.5, peers: 3 }
  for (const seed of [1, 2, 3])
    expect(
      (await run({ ...presets['lossy']!.values, ...own }, seed)).violations,
      commandOf({ preset: 'lossy', own }, seed),
    ).toEqual([])
})

it('a round is the same from the same seed', async () => {
  const { values } = presets['bad-wifi']!
  expect(await run(values, 7)).toEqual(await run(values, 7))
})
