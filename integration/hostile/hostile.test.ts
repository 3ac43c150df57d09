import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { hostileMembers, impostorNames } from './hostile-members.ts'
import { type HostileResult, runHostileRound } from './hostile-round.ts'

const SEED = 11
/** Bytes of copies that each of the three may send at first, whoever lies to him, and for each of his own: see `Allowance`. */
const START_BYTES = 3 * 32 * 2 ** 20
const FOR_OWN = 8

const quiet = new Map<boolean, Promise<HostileResult>>()
const without = (signs: boolean): Promise<HostileResult> => {
  const known = quiet.get(signs) ?? runHostileRound({ seed: SEED, liar: undefined, signs })
  quiet.set(signs, known)
  return known
}

const harmless = hostileMembers.filter(({ name }) => !impostorNames.includes(name))
const impostors = hostileMembers.filter(({ name }) => impostorNames.includes(name))

async function judged(liar: (typeof hostileMembers)[number], signs: boolean): Promise<HostileResult> {
  const result = await runHostileRound({ seed: SEED, liar, signs })
  const { honestBytes } = await without(signs)
  expect(result.lyingBytes).toBeGreaterThan(0)
  const most = 3 * result.lyingBytes + FOR_OWN * honestBytes + START_BYTES
  expect(result.honestBytes - honestBytes).toBeLessThanOrEqual(most)
  return result
}

it('nothing goes wrong where nobody lies', async () => {
  for (const signs of [false, true]) expect((await without(signs)).violations).toEqual([])
})

it.each(harmless)('$name does no harm', async (liar) => {
  const result = await judged(liar, false)
  expect(result.violations).toEqual([])
  if (!liar.hasKey && liar.name !== 'replayed-frames') expect(result.refused).toBeGreaterThan(0)
})

it.each(impostors)('$name does no harm where the cipher signs', async (liar) => {
  const result = await judged(liar, true)
  expect(result.violations).toEqual([])
  expect(result.refused).toBeGreaterThan(0)
})

it('a key that all share does not tell who speaks, which SECURITY.md says', async () => {
  const liar = impostors.find(({ name }) => name === 'impersonated-senders')!
  const { violations } = await runHostileRound({ seed: SEED, liar, signs: false })
  expect(violations.join()).toContain('which nobody said')
})

describe('the table in SECURITY.md', () => {
  const page = readFileSync(fileURLToPath(new URL('../../SECURITY.md', import.meta.url)), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('|') && /`[a-z-]+` *\|$/.test(line))
  const named = rows.map((row) => /`([a-z-]+)` *\|$/.exec(row)![1]!)

  it('has a row for each campaign, and a campaign for each row', () => {
    expect(new Set(named)).toEqual(new Set(hostileMembers.map(({ name }) => name)))
    expect(named).toHaveLength(hostileMembers.length)
  })
})
