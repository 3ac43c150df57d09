import { expect, it } from 'vitest'
import { Questions } from './questions.ts'

const MIB = 2 ** 20
const NOW = 1_750_000_000_000

it('what one member has named is asked for with 4 MiB at first and 1 kB a second, and more once it has come', () => {
  const questions = new Questions()
  questions.spend('mallory', 4 * MIB, NOW)
  expect(questions.freeAt('mallory')).toBe(NOW)
  questions.spend('mallory', 1_024, NOW)
  expect(questions.freeAt('mallory')).toBe(NOW + 1_000)
  expect(questions.freeAt('bob')).toBeLessThan(NOW)
  questions.spend('mallory', -1_024, NOW)
  expect(questions.freeAt('mallory')).toBe(NOW)
})

it('what all have named is asked for with 16 MiB at first and 4 kB a second', () => {
  const questions = new Questions()
  for (let i = 0; i < 16; i++) questions.spend(`made up ${i}`, MIB, NOW)
  expect(questions.freeAt('bob')).toBe(NOW)
  questions.spend('one more', 4_096, NOW)
  expect(questions.freeAt('bob')).toBe(NOW + 1_000)
})
