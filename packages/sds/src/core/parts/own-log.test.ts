import { expect, it } from 'vitest'
import { OwnLog } from './own-log.ts'

function logOf(count: number): OwnLog {
  const log = new OwnLog()
  for (let number = 1; number <= count; number++) log.add(`m${number}`, number, 1_000 * number)
  return log
}

it('remembers the latest ten thousand by number', () => {
  const log = logOf(25_000)
  log.check()
  expect(log.numberOf('m15000')).toBeUndefined()
  expect(log.numberOf('m15001')).toBe(15_001)
  expect(log.numberOf('m25000')).toBe(25_000)
  expect([...log.latest(2)].map(({ messageId }) => messageId)).toEqual(['m25000', 'm24999'])
})

it('gives the numbers of what was taken back again', () => {
  const log = logOf(3)
  log.takenBack(['m2', 'm3'])
  expect(log.numberOf('m3')).toBeUndefined()
  expect([...log.latest(5)].map(({ messageId }) => messageId)).toEqual(['m1'])
  log.add('other', 2, 9_000)
  expect(log.numberOf('other')).toBe(2)
  expect([...log.latest(5)].map(({ messageId }) => messageId)).toEqual(['other', 'm1'])
  log.check()
})

it('looks once for each in what a member has, for the latest few hundred at most', () => {
  const log = logOf(1_000)
  expect([...log.newTo('bob', 3)]).toEqual(['m1', 'm2', 'm3'])
  expect([...log.newTo('bob', 3)]).toEqual([])
  expect([...log.newTo('bob', 5)]).toEqual(['m4', 'm5'])
  const rest = [...log.newTo('bob', 1_000)]
  expect([rest.length, rest[0], rest.at(-1)]).toEqual([512, 'm489', 'm1000'])
  expect([...log.newTo('carol', 1)]).toEqual(['m1'])
})

it('moves with the clock', () => {
  const log = logOf(1)
  log.shift(-500)
  expect([...log.latest(1)]).toEqual([{ messageId: 'm1', madeAt: 500 }])
})
