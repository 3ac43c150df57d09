import { expect, it } from 'vitest'
import { Evidence } from './evidence.ts'

it('keeps the newest message, the latest copy and the shortest time, in whichever order they are told', () => {
  const evidence = new Evidence('bob', 5_000, true, 0, [])
  expect([evidence.newest, evidence.copy, evidence.tookMs]).toEqual([0, 0, Infinity])
  for (const number of [3, 7, 5]) evidence.delivered(number)
  for (const copy of [9, 12, 4]) evidence.came(copy)
  for (const ms of [300, 120, 250]) evidence.took(ms)
  expect([evidence.newest, evidence.copy, evidence.tookMs]).toEqual([7, 12, 120])
  expect([evidence.by, evidence.now]).toEqual(['bob', 5_000])
})

it('is news once that is told, and not by what it keeps', () => {
  const evidence = new Evidence('bob', 5_000, true, 0, [])
  evidence.delivered(3)
  evidence.came(3)
  evidence.took(100)
  expect(evidence.isNews).toBe(false)
  evidence.tellNews()
  expect(evidence.isNews).toBe(true)
})
