import { decodeSegment } from '@reliable-channels/segmentation/core'
import { describe, expect, it } from 'vitest'
import { measureAllocations } from './allocations.ts'
import { type Finding, commandOf, runRound, tell } from './fuzz.ts'
import { type FuzzTarget, hold } from './target.ts'
import { targets } from './targets.ts'

const SEED = 20_261
/** Inputs of all targets together: more with `npx pnpm@12 fuzz`. */
const INPUTS = 40_000

const weights = targets.reduce((sum, { weight }) => sum + weight, 0)

async function fuzzed(target: FuzzTarget, inputs: number): Promise<Finding | undefined> {
  const meter = measureAllocations()
  try {
    for (let round = 0, left = inputs; left > 0; round++) {
      const most = Math.min(target.roundInputs, left)
      const { finding, inputs: taken } = await runRound(target, { seed: SEED, round, inputs: most, meter })
      if (finding !== undefined) return finding
      left -= taken
    }
    return undefined
  } finally {
    meter.stop()
  }
}

it.each(targets)('$name takes whatever comes', async (target) => {
  const inputs = Math.max(20, Math.round((INPUTS * target.weight) / weights))
  const finding = await fuzzed(target, inputs)
  expect(finding && `${tell(finding)}\n${commandOf(finding)}`).toBeUndefined()
})

describe('a flaw is found:', () => {
  const real: FuzzTarget = targets[0]!
  const flawed = (name: string, take: (input: Uint8Array<ArrayBuffer>) => unknown): FuzzTarget => ({
    ...real,
    name,
    open: () => ({ take }),
  })

  it.each([
    {
      name: 'an error that is none of those that refuse',
      take: (input: Uint8Array) => decodeSegment(input)?.index.toFixed(input[0]),
      told: /RangeError/,
    },
    {
      name: 'memory by a number that was read',
      take: (input: Uint8Array) =>
        void new Uint8Array(Math.min(decodeSegment(input)?.lengthBytes ?? 0, 2 ** 24)),
      told: /bytes allocated for an input of/,
    },
    {
      name: 'more than was put in',
      take: (input: Uint8Array) =>
        Array.from({ length: decodeSegment(input)?.index ?? 0 }, () => 'x'.repeat(200)),
      told: /bytes made of an input of/,
    },
    {
      name: 'an input that is written to',
      take: (input: Uint8Array) => void (input.length > 40 && input.reverse()),
      told: /the input was changed/,
    },
    {
      name: 'what does not hold',
      take: (input: Uint8Array) => hold(input.length < 300, 'too long'),
      told: /too long/,
    },
  ])('$name', async ({ name, take, told }) => {
    const finding = await fuzzed(flawed(name, take), 10_000)
    expect(finding?.input).toBeInstanceOf(Uint8Array)
    expect(tell(finding!)).toMatch(told)
  })

  it('and comes back by its seed and round', async () => {
    const target = flawed('flawed', (input) => hold(input.length < 300, 'too long'))
    const one = await runRound(target, { seed: 3, round: 2 })
    const other = await runRound(target, { seed: 3, round: 2 })
    expect(one.finding).toBeDefined()
    expect(other.finding?.input).toEqual(one.finding?.input)
  })
})
