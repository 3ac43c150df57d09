import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type CampaignOptions, runRound } from './campaign.ts'

const usual: CampaignOptions = {
  peers: 4,
  messages: 6,
  maxBytes: 4_000,
  loss: 0.3,
  duplicate: 0.1,
  reorder: 0.2,
  latencyMs: 50,
  parityRate: 0,
  partition: false,
}
const simulate = (...args: string[]) =>
  spawnSync(
    process.execPath,
    ['--conditions=@reliable-channels/source', fileURLToPath(new URL('main.ts', import.meta.url)), ...args],
    { encoding: 'utf8', timeout: 300_000 },
  )

describe('channels over a hostile network', () => {
  const settings: Record<string, Partial<CampaignOptions>> = {
    'lose, repeat and reorder': {},
    'also split for a while': { partition: true, peers: 6 },
    'lose half of everything': { loss: 0.5, peers: 3 },
    'lose what parity makes up for': { parityRate: 0.5 },
  }
  for (const [name, options] of Object.entries(settings)) {
    it(`deliver everything once and in causal order: ${name}`, async () => {
      for (let seed = 1; seed <= 3; seed++) {
        const { violations } = await runRound(seed, { ...usual, ...options })
        expect(violations, `simulate --rounds 1 --seed ${seed}`).toEqual([])
      }
    })
  }

  it('do the same again from the same seed', async () => {
    expect(await runRound(3, usual)).toEqual(await runRound(3, usual))
  })
})

describe('simulate', () => {
  it('prints a line for each round and what it came to', () => {
    const { status, stdout } = simulate('--rounds', '2', '--messages', '2', '--peers', '2')
    expect(stdout).toMatch(/^seed 1: ok, .*\nseed 2: ok, .*\n2 rounds well, 0 not; /)
    expect(status).toBe(0)
  })

  it('fails with the seed when messages do not arrive', () => {
    // At this loss not all can be acknowledged in time.
    const { status, stdout } = simulate('--rounds', '1', '--messages', '20', '--peers', '2', '--loss', '0.95')
    expect(stdout).toMatch(/^seed 1: (?!ok)/)
    expect(stdout).toContain('again: --rounds 1 --seed 1')
    expect(status).toBe(1)
  })

  it('says what is wrong with the command line', () => {
    for (const [args, message] of [
      [['--loss', '1.5'], 'simulate: --loss takes a number from 0 to 0.95, got "1.5"\n'],
      [['--rounds', 'x'], 'simulate: --rounds takes an integer from 1 to 1000000, got "x"\n'],
    ] as const) {
      const { status, stderr } = simulate(...args)
      expect([status, stderr]).toEqual([2, message])
    }
    expect(simulate('--bogus').status).toBe(2)
  })
})
