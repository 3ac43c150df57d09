import { describe, expect, it } from 'vitest'

const draw = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(11))).toString('hex')

describe('chance', () => {
  const drawn: string[] = []

  it('goes on within a test', () => {
    const bytes = [draw(), draw(), draw()]
    drawn.push(...bytes)
    expect(new Set(bytes).size).toBe(3)
  })

  it('is another in each test', () => {
    expect(drawn).not.toContain(draw())
  })

  // By name, so that it does not matter which tests run before.
  it.skipIf(process.env['PROPERTY_SEED'] !== undefined)('is the same in every run', () => {
    expect([draw(), Math.random()]).toEqual(['676397a39fd79aeb18f84e', 0.25306930486112833])
  })

  it('fills views of every kind and length, and what lies around them not', () => {
    const memory = new Uint8Array(64)
    crypto.getRandomValues(new Uint16Array(memory.buffer, 2, 3))
    expect(memory.subarray(2, 8).some((byte) => byte !== 0)).toBe(true)
    expect([...memory.subarray(0, 2), ...memory.subarray(8)].every((byte) => byte === 0)).toBe(true)
    expect(crypto.getRandomValues(new Uint8Array(0))).toHaveLength(0)
  })
})
