import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAllocations } from './allocations.ts'
import { type Finding, commandOf, runRound, tell } from './fuzz.ts'
import type { FuzzTarget } from './target.ts'
import { targets } from './targets.ts'

const HELP = `Feeds all that reads bytes of the network or of a disk with real ones in which something was changed, and checks that
nothing is thrown but what says that they are refused, that time and memory are bounded by their length, and that what is
refused changes nothing.

  npx pnpm@12 fuzz [options]

  --inputs N     how many, of all targets together (default 1000000)
  --seed S       another seed makes others (default 1)
  --target NAME  only one of: ${targets.map(({ name }) => name).join(', ')}
  --round R      only that round of the target, which brings back what was found in it
  --keep FOLDER  where inputs that do what none may do are put (default fuzz-findings)
  --help         print this

Exit code: 0 when all was well, 1 with the commands that bring back what was found, 2 for a mistake on the command line.`

class UsageError extends Error {
  override readonly name = 'UsageError'
}

interface Command {
  readonly inputs: number
  readonly seed: number
  readonly only: readonly FuzzTarget[]
  readonly round: number | undefined
  readonly folder: string
}

function parseCommand(args: readonly string[]): Command | 'help' {
  const string = { type: 'string' } as const
  const options = { inputs: string, seed: string, target: string, round: string, keep: string }
  const { values } = (() => {
    try {
      return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } } })
    } catch (error) {
      throw new UsageError(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
    }
  })()
  if (values.help === true) return 'help'
  const integer = (name: 'inputs' | 'seed' | 'round', least: number): number | undefined => {
    const text = values[name]
    if (text === undefined) return undefined
    const number = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number
    throw new UsageError(`--${name} takes an integer from ${least} on, got "${text}"`)
  }
  const only = targets.filter(({ name }) => values.target === undefined || name === values.target)
  if (only.length === 0) throw new UsageError(`there is no target "${values.target}": see --help`)
  const round = integer('round', 0)
  if (round !== undefined && values.target === undefined) throw new UsageError('--round needs --target')
  const { keep: folder = 'fuzz-findings' } = values
  return { inputs: integer('inputs', 1) ?? 1_000_000, seed: integer('seed', 0) ?? 1, only, round, folder }
}

/** Of a target: how many inputs, in what time, and what was found. */
interface Total {
  inputs: number
  bytes: number
  ms: number
  found: number
}

async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2))
  if (command === 'help') {
    console.log(HELP)
    return 0
  }
  const { inputs, seed, only, round, folder } = command
  const weights = only.reduce((sum, { weight }) => sum + weight, 0)
  const all: Total = { inputs: 0, bytes: 0, ms: 0, found: 0 }
  for (const target of only) {
    const share =
      round === undefined ? Math.max(1, Math.round((inputs * target.weight) / weights)) : target.roundInputs
    const total = await runTarget(target, share, command)
    console.log(`${target.name.padEnd(16)} ${described(total)}`)
    for (const key of ['inputs', 'bytes', 'ms', 'found'] as const) all[key] += total[key]
  }
  console.log(`${'all'.padEnd(16)} ${described(all)}  seed ${seed}`)
  if (all.found > 0) console.log(`inputs are in ${folder}`)
  return all.found === 0 ? 0 : 1
}

const described = ({ inputs, bytes, ms, found }: Total): string =>
  `${`${inputs}`.padStart(9)} inputs ${`${Math.round((1_000 * inputs) / Math.max(1, ms))}`.padStart(8)} a second` +
  ` ${(bytes / 2 ** 20).toFixed(1).padStart(8)} MiB  ${found === 0 ? 'nothing found' : `${found} FOUND`}`

async function runTarget(
  target: FuzzTarget,
  inputs: number,
  { seed, round: only, folder }: Command,
): Promise<Total> {
  const total: Total = { inputs: 0, bytes: 0, ms: 0, found: 0 }
  for (let round = only ?? 0; total.inputs < inputs && total.found < 10; round++) {
    const meter = measureAllocations()
    const since = performance.now()
    try {
      const most = Math.min(target.roundInputs, inputs - total.inputs)
      const { finding, ...taken } = await runRound(target, { seed, round, inputs: most, meter })
      total.inputs += taken.inputs
      total.bytes += taken.bytes
      if (finding !== undefined) {
        total.found++
        keep(finding, folder)
        if (only === undefined) total.inputs += most - taken.inputs
      }
    } finally {
      meter.stop()
      total.ms += performance.now() - since
    }
    if (only !== undefined) break
  }
  return total
}

function keep(finding: Finding, folder: string): void {
  const { target, seed, round, index, input } = finding
  console.log(`${target}: ${tell(finding)}\n  ${commandOf(finding)}`)
  if (input === undefined) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${target}-${seed}-${round}-${index}.bin`), input)
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
