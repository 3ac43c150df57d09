import { writeFile } from 'node:fs/promises'
import type { Frame } from '../campaign/frames.ts'
import type { RoundResult } from '../campaign/round.ts'
import {
  type Command,
  type Recipe,
  UsageError,
  commandOf,
  helpText,
  parseCommand,
  recipeOf,
  valuesOf,
} from './command-line.ts'
import { presets } from './presets.ts'
import { factsOf, totalsOf } from './report.ts'
import { run } from './run.ts'
import { shrink } from './shrink.ts'
import { readTrace, traceLines } from './trace.ts'

function lineOf(result: RoundResult, recipe: Recipe): string {
  const { seed, violations } = result
  const facts = factsOf(totalsOf([result]))
  if (violations.length === 0) return `seed ${seed}: ok, ${facts}`
  const again = `again: ${commandOf(recipe, seed)}`
  return [`seed ${seed}: NOT WELL, ${facts}`, ...violations, again].join('\n      ')
}

/** Runs the round of a file again, and compares. */
async function replay(path: string): Promise<number> {
  const { head, count, difference } = await readTrace(path)
  if (!Object.hasOwn(presets, head.preset)) throw new UsageError(`${path} is of no preset that there is`)
  const frames: Frame[] = []
  const result = await run(valuesOf(head), head.seed, { onFrame: (frame) => frames.push(frame) })
  console.log(lineOf(result, head))
  const differs = difference(frames)
  console.log(differs ?? `the same ${count} lines as in ${path}`)
  return result.violations.length === 0 && differs === undefined ? 0 : 1
}

/** Runs all seeds of a command. */
async function simulate(command: Command): Promise<number> {
  const { preset, seeds, json, verbose, trace } = command
  const values = valuesOf(command)
  const rounds: RoundResult[] = []
  for (const seed of seeds) {
    const frames: Frame[] = []
    const result = await run(values, seed, {
      say: verbose ? (line) => console.log(line) : undefined,
      onFrame: trace === undefined ? undefined : (frame) => frames.push(frame),
    })
    if (trace !== undefined) await writeFile(trace, traceLines({ ...command, seed }, frames))
    rounds.push(result)
    if (!json) console.log(lineOf(result, command))
  }
  const totals = totalsOf(rounds)
  const bad = rounds.find(({ violations }) => violations.length > 0)
  const again = bad && commandOf(command, bad.seed)
  const smallest =
    bad && command.shrink
      ? await shrink({ values, seed: bad.seed }, async (one) => await run(one.values, one.seed))
      : undefined
  const shrunk = smallest && commandOf(recipeOf(preset, smallest.values), smallest.seed)
  if (json) {
    const each = rounds.map(({ delaysMs: _, ...facts }) => facts)
    console.log(JSON.stringify({ preset, values, rounds: each, totals, again, shrunk }, undefined, 2))
  } else {
    console.log(`${totals.rounds - totals.bad} well, ${totals.bad} not; ${factsOf(totals)}`)
    if (again !== undefined) console.log(`again: ${again}`)
    if (shrunk !== undefined) console.log(`smallest: ${shrunk}`)
  }
  return totals.bad === 0 ? 0 : 1
}

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args)
  if (command !== 'help')
    return await (command.replay === undefined ? simulate(command) : replay(command.replay))
  console.log(helpText())
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`simulate: ${error.message}`)
  process.exitCode = 2
}
