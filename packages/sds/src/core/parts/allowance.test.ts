import { expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

const MIB = 2 ** 20
/** Bytes of a frame beside content and filter. */
const FRAME = 512
const FILTER = 16_384

/** How many copies on the wire of so many bytes there are. */
function copies(allowance: Allowance, bytes: number): number {
  let count = 0
  while (allowance.spendCopy(bytes - FILTER - FRAME)) count++
  return count
}

it('gives whoever claims to lack everything a start, eight times what is said and three times what he sends', () => {
  const allowance = new Allowance(FILTER)
  let spent = copies(allowance, MIB)
  expect(spent).toBe(32)
  // An hour of claims, one a second.
  for (let second = 0; second < 3_600; second++) {
    if (second % 60 === 0) allowance.sent(MIB / 8 - FILTER - FRAME)
    allowance.heard(MIB / 32)
    spent += copies(allowance, MIB / 32) / 32
    allowance.check()
  }
  expect(spent).toBe(32 + 8 * (60 / 8) + 3 * (3_600 / 32))
})

it('counts the filter of a copy, which is most of a small message, and none of a repair', () => {
  const [ofCopies, ofRepairs] = [new Allowance(FILTER), new Allowance(FILTER)]
  let repairs = 0
  while (ofRepairs.spendRepair(0)) repairs++
  expect(copies(ofCopies, FILTER + FRAME)).toBe(Math.floor((32 * MIB) / (FILTER + FRAME)))
  expect(repairs).toBe((32 * MIB) / FRAME)
})

it('is not saved up beyond a limit, however much is said and heard', () => {
  const allowance = new Allowance(FILTER)
  for (let i = 0; i < 100; i++) {
    allowance.sent(10 * MIB)
    allowance.heard(10 * MIB)
  }
  expect(copies(allowance, MIB)).toBe(64)
})

it('takes nothing for a copy that it does not allow', () => {
  const allowance = new Allowance(0)
  expect(allowance.spendRepair(32 * MIB)).toBe(false)
  expect(allowance.spendRepair(32 * MIB - FRAME)).toBe(true)
  expect(allowance.spendRepair(0)).toBe(false)
})
