import { expect, it } from 'vitest'
import { HeardMembers } from './heard-members.ts'

const names = (members: HeardMembers): string[] => Array.from(members.entries(), ([name]) => name)
const wordOf = (members: HeardMembers, name: string): unknown => new Map(members.entries()).get(name)

it('has the last word of each, and who spoke last, last', () => {
  const members = new HeardMembers()
  members.hear('bob', 1_000, false, 5_000)
  members.hear('carol', 2_000, true, 5_000)
  members.hear('carol', 3_000, false, 5_000)
  expect(names(members)).toEqual(['bob', 'carol'])
  expect(wordOf(members, 'carol')).toEqual({ at: 3_000, asks: false })
  members.hear('bob', 4_000, true, 5_000)
  expect(names(members)).toEqual(['carol', 'bob'])
  expect(wordOf(members, 'bob')).toEqual({ at: 4_000, asks: true })
})

it('takes nothing for the last word that was said before it, nor for said what is yet to come', () => {
  const members = new HeardMembers()
  members.hear('bob', 9_000, true, 5_000)
  expect(wordOf(members, 'bob')).toEqual({ at: 5_000, asks: true })
  members.hear('bob', 4_999, false, 5_000)
  members.hear('carol', 1_000, false, 5_000)
  members.hear('bob', 4_999, false, 5_000)
  expect(wordOf(members, 'bob')).toEqual({ at: 5_000, asks: true })
  expect(names(members)).toEqual(['bob', 'carol'])
})

it('forgets whoever was silent longest, where many are made up, and moves with the clock', () => {
  const members = new HeardMembers()
  for (let i = 0; i < 128; i++) members.hear(`made up ${i}`, i, false, 5_000)
  members.hear('made up 0', 200, false, 5_000)
  members.hear('bob', 300, false, 5_000)
  expect(names(members)).toHaveLength(128)
  expect(names(members).slice(-2)).toEqual(['made up 0', 'bob'])
  expect(names(members)).not.toContain('made up 1')
  members.shift(-100)
  expect(wordOf(members, 'bob')).toEqual({ at: 200, asks: false })
})
