import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundled, bundleChild } from './bundle.ts'
import { killTest } from './kill-test.ts'
import { live } from './life.ts'
import { processGround } from './process.ts'
import type { Fault } from './protocol.ts'

const SEED = 20_261

describe('a process that is killed again and again', () => {
  it('loses no message, gives none twice but the one flagged, keeps order and quota, tells the end of each', async () => {
    const result = await killTest({ rounds: 200, seed: SEED })
    const { violations, rounds, accepted, received, redelivered } = result
    expect(violations, `seed ${SEED}`).toEqual([])
    expect(rounds).toBe(200)
    // It must not pass because nothing happened.
    expect(accepted, 'accepted').toBeGreaterThan(200)
    expect(received, 'received').toBeGreaterThan(600)
    expect(redelivered, 'redelivered').toBeGreaterThan(20)
    expect(result.ends, 'ends').toBeGreaterThan(400)
    expect(result.endsAgain, 'ends again').toBeGreaterThan(20)
    expect(result.cancelled, 'cancelled').toBeGreaterThan(2)
  }, 600_000)
})

describe('a store that breaks its promise', () => {
  let script: Bundled

  beforeAll(async () => void (script = await bundleChild()))
  afterAll(() => script[Symbol.asyncDispose]())

  const faults: Record<Fault, RegExp> = {
    // A process that told what was then lost may break any promise, whichever comes first.
    'late-writes': /never came|twice|again|before|messages left in epoch/,
    'no-quota': /messages left in epoch/,
    'no-inbox': /did not come again|never came|before/,
    'full-inbox': /delivered twice|came again|flagged/,
    'no-sds': /delivered twice|came again/,
    'no-requests': /never came: the end of/,
    'full-requests': /told again that|told twice|two ends/,
  }
  it.each(Object.entries(faults) as [Fault, RegExp][])(
    'makes the test fail: %s',
    async (fault, expected) => {
      const { violations } = await live({
        seed: SEED,
        rounds: 40,
        ground: await processGround(script.path),
        fault,
      })
      expect(violations.join('\n'), `seed ${SEED}`).toMatch(expected)
    },
    120_000,
  )

  it('has the command say how to repeat it', () => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const asked = ['--rounds', '5', '--seed', String(SEED), '--fault', 'no-quota']
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--conditions=@reliable-channels/source', main, ...asked],
      { encoding: 'utf8' },
    )
    expect(status).toBe(1)
    expect(stdout).toContain(`again: npx pnpm@12 kill-test ${asked.join(' ')}\n`)
    expect(stdout).toMatch(/\d rounds, \d+ messages accepted/)
  })
})
