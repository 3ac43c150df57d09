import { expect, it } from 'vitest'
import { commandOf } from './command-line.ts'
import { presets } from './presets.ts'
import { run } from './run.ts'

/** What campaigns found once: the preset, the seed, and what went wrong. */
const FOUND: readonly (readonly [string, number, string])[] = [
  ['lossy', 69, 'each part of a message was acknowledged, and who else had them was looked for in nothing'],
  ['liars', 220014, 'the judge did not expect a liar to say that he has lost something'],
]

it.each(FOUND)('what was found once is found no more: %s, seed %i, %s', async (preset, seed) => {
  const { violations, arrived } = await run(presets[preset]!.values, seed)
  expect(violations, commandOf({ preset, own: {} }, seed)).toEqual([])
  expect(arrived).toBeGreaterThan(0)
})
