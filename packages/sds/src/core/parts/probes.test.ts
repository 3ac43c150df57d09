import { expect, it } from 'vitest'
import { Probes } from './probes.ts'

it('counts all, and backs off by those in a row that nobody answered', () => {
  const probes = new Probes()
  for (let i = 0; i < 20; i++) probes.leave(1_000 * i)
  expect([probes.count, probes.backoff, probes.lastAt]).toEqual([20, 12, 19_000])
  probes.answered()
  expect([probes.count, probes.backoff]).toEqual([20, 0])
})

it('has the others wait from the one whose answer is awaited', () => {
  const probes = new Probes()
  expect(probes.since(500)).toBe(500)
  probes.leave(1_000)
  expect([probes.since(500), probes.since(2_000)]).toEqual([1_000, 2_000])
  probes.shift(-400)
  expect(probes.since(500)).toBe(600)
  probes.answered()
  expect(probes.since(500)).toBe(500)
})
