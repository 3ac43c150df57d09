import { expect, it } from 'vitest'
import { Probes } from './probes.ts'

it('lets as many leave as one message may, for each that is said or acknowledged, and saves none up', () => {
  const probes = new Probes(3)
  const free = (): number => {
    let count = 0
    while (probes.takeFree()) count++
    return count
  }
  expect(free()).toBe(0)
  probes.allow()
  probes.allow()
  expect(free()).toBe(3)
  probes.leave('id', 1_000)
  probes.answered()
  expect(free()).toBe(0)
})

it('counts all, and backs off by those in a row that nobody answered, one alone by half', () => {
  const probes = new Probes(12)
  const backoffs: number[] = []
  for (let i = 0; i < 20; i++) {
    probes.leave(`${i}`, 1_000 * i)
    backoffs.push(probes.backoff)
  }
  expect(backoffs.slice(0, 4)).toEqual([0.5, 2, 3, 4])
  expect([probes.count, probes.backoff, probes.lastAt]).toEqual([20, 12, 19_000])
  probes.answered()
  expect([probes.count, probes.backoff]).toEqual([20, 0])
})

it('has the others wait from the one whose answer is awaited', () => {
  const probes = new Probes(12)
  expect(probes.since(500)).toBe(500)
  probes.leave('id', 1_000)
  expect([probes.since(500), probes.since(2_000)]).toEqual([1_000, 2_000])
  probes.shift(-400)
  expect(probes.since(500)).toBe(600)
  probes.answered()
  expect(probes.since(500)).toBe(500)
})

it('counts none that did not leave, though the next waits longer, until something leaves again', () => {
  const probes = new Probes(12)
  for (const id of ['a', 'b']) {
    probes.leave(id, 1_000)
    probes.didNotLeave(id)
    probes.didNotLeave(id)
    probes.didNotLeave('c')
  }
  expect([probes.count, probes.backoff]).toEqual([0, 2])
  expect([probes.connected(), probes.connected()]).toEqual([true, false])
  expect([probes.backoff, probes.since(500)]).toEqual([0, 500])
})
