import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Frame } from '../campaign/frames.ts'
import { commandOf, valuesOf } from './command-line.ts'
import { presets } from './presets.ts'
import type { run } from './run.ts'
import { type TraceHead, traceLines } from './trace.ts'

/** Options of {@link hunt}. */
export interface HuntOptions {
  /** When no further round begins, by `now`, ms. */
  readonly untilMs: number
  readonly now: () => number
  /** The first seed; each preset runs with each seed. */
  readonly seed: number
  /** Where what was found is kept. */
  readonly folder: string
  readonly say: (line: string) => void
  readonly run: typeof run
}

/** What a hunt came to. */
export interface HuntResult {
  readonly rounds: number
  readonly bad: number
}

/** Runs all presets with one seed after the other, keeps what it finds, and goes on. */
export async function hunt(options: HuntOptions): Promise<HuntResult> {
  const { untilMs, now, say, run: runRound } = options
  let rounds = 0
  let bad = 0
  for (let { seed } = options; ; seed++)
    for (const [preset, { values }] of Object.entries(presets)) {
      if (now() >= untilMs) return { rounds, bad }
      rounds++
      const { violations } = await runRound(values, seed)
      if (violations.length === 0) continue
      bad++
      const again = commandOf({ preset, own: {} }, seed)
      say([`${preset}, seed ${seed}: NOT WELL`, ...violations, `again: ${again}`].join('\n      '))
      await keep({ preset, own: {}, seed }, [again, ...violations], options)
    }
}

/** Writes what went wrong, and the frames of another run. */
async function keep(head: TraceHead, lines: readonly string[], options: HuntOptions): Promise<void> {
  const { folder, run: runRound } = options
  const frames: Frame[] = []
  await runRound(valuesOf(head), head.seed, { onFrame: (frame) => frames.push(frame) })
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${head.preset}-${head.seed}`)
  await writeFile(`${path}.txt`, `${lines.join('\n')}\n`)
  await writeFile(`${path}.jsonl`, traceLines(head, frames))
}
