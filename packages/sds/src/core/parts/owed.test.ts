import { expect, it } from 'vitest'
import { Owed } from './owed.ts'

const ids = (owed: Owed): string[] => [...owed.messageIds()]

it('owes nothing any more for what enough filters have had, and the rest still', () => {
  const owed = new Owed(2)
  owed.add('a', 'alice', 10)
  const first = owed.arrivals
  owed.add('b', 'bob', 20)
  owed.filterLeft(first)
  expect(ids(owed)).toEqual(['a', 'b'])
  owed.filterLeft(owed.arrivals)
  expect(ids(owed)).toEqual(['b'])
  expect(owed.since).toBe(20)
  owed.filterLeft(owed.arrivals)
  expect(ids(owed)).toEqual([])
  expect(owed.since).toBeUndefined()
})

it('keeps for a causal history what was sent again, or was not said in time, however many filters have it', () => {
  const owed = new Owed(1)
  owed.add('a', 'alice', 1)
  owed.add('b', 'bob', 2)
  owed.add('c', 'carol', 3)
  owed.addAgain('a', 'alice', 4)
  owed.filterLeft(owed.arrivals)
  expect(ids(owed)).toEqual(['a'])
  expect(owed.since).toBe(4)
  owed.addOverdue('d', 'dave', 5)
  owed.filterLeft(owed.arrivals)
  expect(ids(owed)).toEqual(['a', 'd'])
  expect(owed.since).toBe(-Infinity)
  owed.delete('d')
  expect(owed.since).toBe(4)
})

it('moves with the clock', () => {
  const owed = new Owed(1)
  owed.add('a', 'alice', 1_000)
  owed.shift(-400)
  expect(owed.since).toBe(600)
})

it('owes no more than so many, and the next once there is room', () => {
  const owed = new Owed(2)
  for (let i = 0; i < 5_000; i++) owed.addOverdue(`${i}`, 'alice', i)
  expect(owed.size).toBe(4_096)
  expect(ids(owed).at(-1)).toBe('4095')
  owed.delete('7')
  owed.addAgain('4999', 'alice', 5_000)
  expect(ids(owed).at(-1)).toBe('4999')
  for (const id of ids(owed)) owed.delete(id)
  expect(owed.since).toBeUndefined()
})

it('is most urgent for what has come again last, and else for the oldest', () => {
  const owed = new Owed(2)
  expect(owed.mostUrgent).toBeUndefined()
  for (const id of ['a', 'b', 'c']) owed.add(id, 'alice', 0)
  expect(owed.mostUrgent).toBe('a')
  owed.addAgain('b', 'alice', 10)
  expect([owed.mostUrgent, owed.timesOf('b')]).toEqual(['b', 1])
  owed.addAgain('c', 'alice', 20)
  owed.addAgain('b', 'alice', 30)
  expect([owed.mostUrgent, owed.timesOf('b')]).toEqual(['b', 2])
  owed.delete('b')
  expect(owed.mostUrgent).toBe('a')
  owed.check()
})
