import { expect, it } from 'vitest'
import { OwnLog } from './own-log.ts'

function logOf(count: number): OwnLog {
  const log = new OwnLog()
  for (let number = 1; number <= count; number++) log.add(`m${number}`, 1_000 * number)
  return log
}

it('numbers messages in the order in which they were wrapped', () => {
  const log = logOf(3)
  expect(log.add('next', 4_000)).toBe(4)
  expect(log.newest).toBe(4)
  expect([log.idOf(4), log.idOf(3)]).toEqual(['next', 'm3'])
})

it('gives the numbers of what was taken back again', () => {
  const log = logOf(3)
  log.takenBack(['m2', 'm3'])
  expect(log.newest).toBe(1)
  expect(log.add('other', 9_000)).toBe(2)
  expect([log.newest, log.idOf(2), log.idOf(1), log.madeAt(2)]).toEqual([2, 'other', 'm1', 9_000])
  log.check()
})

it('gives back the newest alone, and none that another message may refer to', () => {
  const log = logOf(3)
  const isFree = (...numbers: number[]): boolean => log.areFree(new Set(numbers))
  expect([isFree(3), isFree(2, 3), isFree(3, 1), isFree(2), isFree(0), isFree()]).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  log.refer()
  expect(isFree(3)).toBe(false)
  log.add('m4', 4_000)
  expect([isFree(4), isFree(3, 4)]).toEqual([true, false])
})

it('has the messages of a group come after what the first of it came after', () => {
  const log = logOf(0)
  const after = [{ messageId: 'before' }]
  expect(log.joinGroup('one', after)).toBeUndefined()
  expect(log.joinGroup('one', [])).toEqual(after)
  expect(log.joinGroup('other', [])).toBeUndefined()
  expect(log.joinGroup(undefined, after)).toBeUndefined()
  expect(log.joinGroup(undefined, [])).toBeUndefined()
})

it('looks only for what it remembers of what a member has', () => {
  const log = logOf(25_000)
  log.check()
  expect(log.newTo('bob', 15_000)).toEqual([])
  expect(log.newTo('bob', 15_002)).toEqual(['m15001', 'm15002'])
})

it('looks once for each in what a member has, for the latest few hundred at most', () => {
  const log = logOf(1_000)
  expect(log.newTo('bob', 3)).toEqual(['m1', 'm2', 'm3'])
  expect(log.newTo('bob', 3)).toEqual([])
  expect(log.newTo('bob', 5)).toEqual(['m4', 'm5'])
  const rest = log.newTo('bob', 1_000)
  expect([rest.length, rest[0], rest.at(-1)]).toEqual([512, 'm489', 'm1000'])
  expect(log.newTo('carol', 1)).toEqual(['m1'])
})

it('moves with the clock', () => {
  const log = logOf(1)
  log.shift(-500)
  expect(log.madeAt(1)).toBe(500)
})
