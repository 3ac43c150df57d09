import { expect, it } from 'vitest'
import type { RoundResult } from '../campaign/round.ts'
import { type Values, allKnobs } from './knobs.ts'
import { calmer, shrink } from './shrink.ts'

/** Rounds that are not well where `isBad` says so. */
const runs =
  (isBad: (values: Values, seed: number) => boolean) =>
  async ({ values, seed }: { readonly values: Values; readonly seed: number }): Promise<RoundResult> =>
    ({ violations: isBad(values, seed) ? ['bad'] : [] }) as unknown as RoundResult

it('turns every knob towards calm as far as something still goes wrong', async () => {
  const values = { peers: 8, messages: 40, loss: 0.4, jitter: 300, theme: 'sleep+crash+loss' }
  const isBad = ({ messages, theme }: Values): boolean =>
    Number(messages) >= 7 && String(theme).includes('crash')
  const { values: smallest } = await shrink({ values, seed: 1 }, runs(isBad))
  expect(smallest).toMatchObject({ peers: 2, loss: 0, jitter: 0, theme: 'crash', memory: 'no' })
  expect(isBad(smallest)).toBe(true)
  expect(smallest['messages']).toBeLessThan(10)
})

it('takes another seed where only that shows it', async () => {
  const isBad = ({ peers }: Values, seed: number): boolean => Number(peers) > 2 || seed === 12
  expect(await shrink({ values: { peers: 3, theme: 'none' }, seed: 10 }, runs(isBad))).toMatchObject({
    values: { peers: 2 },
    seed: 12,
  })
})

it('leaves what is calm already', () => {
  for (const knob of Object.values(allKnobs))
    expect(calmer(knob, 'calm' in knob ? knob.calm : knob.calmest)).toEqual([])
})
