import { expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

const MIB = 2 ** 20

/** How many copies of so many bytes there are. */
function copies(allowance: Allowance, bytes: number): number {
  let count = 0
  while (allowance.spend(bytes)) count++
  return count
}

it('gives whoever claims to lack everything a start, eight times what is said and three times what he sends', () => {
  const allowance = new Allowance()
  let spent = copies(allowance, MIB)
  expect(spent).toBe(32)
  // An hour of claims, one a second.
  for (let second = 0; second < 3_600; second++) {
    if (second % 60 === 0) allowance.sent(MIB / 8)
    allowance.heard(MIB / 64)
    while (allowance.spend(MIB / 64)) spent += 1 / 64
    allowance.check()
  }
  expect(spent).toBe(32 + 8 * (60 / 8) + 3 * (3_600 / 64))
})

it('is not saved up beyond a limit, however much is said and heard', () => {
  const allowance = new Allowance()
  for (let i = 0; i < 100; i++) {
    allowance.sent(10 * MIB)
    allowance.heard(10 * MIB)
  }
  expect(copies(allowance, MIB)).toBe(64)
})

it('takes nothing for a copy that it does not allow', () => {
  const allowance = new Allowance()
  expect(allowance.spend(33 * MIB)).toBe(false)
  expect(allowance.spend(32 * MIB)).toBe(true)
  expect(allowance.spend(1)).toBe(false)
})
