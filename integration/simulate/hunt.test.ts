import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hunt } from './hunt.ts'
import { presets } from './presets.ts'
import type { run } from './run.ts'

it('runs all presets with one seed after the other until its time is up, and keeps what it finds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hunt-'))
  try {
    let nowMs = 0
    const ran: number[] = []
    const said: string[] = []
    /** Rounds of ten seconds, in which seed 8 finds something in one preset. */
    const rounds = (async (...[values, seed, { onFrame } = {}]: Parameters<typeof run>) => {
      if (onFrame === undefined) {
        nowMs += 10_000
        ran.push(seed)
      }
      onFrame?.({ ms: 1, type: 'sent', from: 'alice', bytes: 3, hash: 'ab' })
      return { violations: seed === 8 && values === presets['clean']!.values ? ['it rains'] : [] }
    }) as unknown as typeof run
    const count = Object.keys(presets).length
    const hunted = { untilMs: 2 * count * 10_000, now: () => nowMs, seed: 7, folder }
    const result = await hunt({ ...hunted, say: (line) => said.push(line), run: rounds })
    expect(result).toEqual({ rounds: 2 * count, bad: 1 })
    expect(ran).toEqual([...Array<number>(count).fill(7), ...Array<number>(count).fill(8)])
    const again = 'npx pnpm@12 simulate --preset clean --seeds 8'
    expect(said).toEqual([`clean, seed 8: NOT WELL\n      it rains\n      again: ${again}`])
    expect(readdirSync(folder)).toEqual(['clean-8.jsonl', 'clean-8.txt'])
    expect(readFileSync(join(folder, 'clean-8.txt'), 'utf8')).toBe(`${again}\nit rains\n`)
    expect(readFileSync(join(folder, 'clean-8.jsonl'), 'utf8').split('\n')).toHaveLength(3)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
