import { parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'
import { type Outcome, lineOf } from './outcome-line.ts'
import { type RoundResult, runRound } from './round.ts'
import { hunt } from '../simulate/hunt.ts'
import { presets } from '../simulate/presets.ts'
import { run } from '../simulate/run.ts'
import { isTheme, themeNames, themeOf } from './themes.ts'
import { plots, runTransfer } from './transfer.ts'

const HELP = `Runs channels through trouble in virtual time, round after round, each from a seed of its own, and checks what must hold.

  npx pnpm@12 campaign [options]

  --seeds A..B   the seeds, or one (default 1..40)
  --theme NAME   what goes wrong; several joined by +, or everything (default: follows from the seed)
  --transfer P   instead: one large message, through plot P or all of them
  --bytes N      its size (default 26000000)
  --parity R     parity segments for each data segment, 0 to 1 (default: without any, and with 0.1)
  --hours H      instead: for so long, all presets of simulate with fresh seeds, or from the first of --seeds on
  --keep FOLDER  where what it finds is kept: what went wrong, and the frames (default campaign-finds)
  --json         one JSON document instead of lines
  --trace        print everything that happens, frames included
  --help         print this

Themes: ${themeNames.join(', ')}.

Plots:
${Object.entries(plots)
  .map(([name, { title }]) => `  ${name.padEnd(16)} ${title}`)
  .join('\n')}

Exit code: 0 when all was well, 1 with the commands that repeat the rounds that were not, 2 for a mistake on the command line.`

class UsageError extends Error {
  override readonly name = 'UsageError'
}

interface Command {
  readonly seeds: readonly number[]
  readonly theme: string | undefined
  /** Plots of transfers; without any, rounds are run. */
  readonly transfers: readonly string[]
  readonly bytes: number
  readonly parityRates: readonly number[]
  /** How long presets are run instead. */
  readonly hours: number | undefined
  readonly firstSeed: number | undefined
  readonly keep: string
  readonly json: boolean
  readonly trace: boolean
}

function parseCommand(args: readonly string[]): Command | 'help' {
  const boolean = { type: 'boolean', default: false } as const
  const string = { type: 'string' } as const
  const { values } = parse(() =>
    parseArgs({
      args: joinNegativeValues(args),
      options: {
        seeds: string,
        theme: string,
        transfer: string,
        bytes: string,
        parity: string,
        hours: string,
        keep: string,
        json: boolean,
        trace: boolean,
        help: { ...boolean, short: 'h' },
      },
    }),
  )
  if (values.help) return 'help'
  const { seeds = values.transfer === undefined ? '1..40' : '1', theme, transfer, json, trace } = values
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(seeds) ?? []
  const count = Number(last) - Number(first) + 1
  if (!(count >= 1 && count <= 1_000_000))
    throw new UsageError(`--seeds takes a seed or a range such as 1..100, got "${seeds}"`)
  if (theme !== undefined && !isTheme(theme)) throw new UsageError(`no theme "${theme}": see --help`)
  if (transfer !== undefined && transfer !== 'all' && !Object.hasOwn(plots, transfer))
    throw new UsageError(`no plot "${transfer}": see --help`)
  return {
    seeds: Array.from({ length: count }, (_, i) => Number(first) + i),
    theme,
    transfers: transfer === undefined ? [] : transfer === 'all' ? Object.keys(plots) : [transfer],
    bytes: numberOf('bytes', values.bytes, 26_000_000, 1_000, 26_000_000),
    parityRates: values.parity === undefined ? [0, 0.1] : [numberOf('parity', values.parity, 0, 0, 1)],
    hours: values.hours === undefined ? undefined : numberOf('hours', values.hours, 1, 0, 10_000),
    firstSeed: values.seeds === undefined ? undefined : Number(first),
    keep: values.keep ?? 'campaign-finds',
    json,
    trace,
  }
}

function numberOf(
  name: string,
  text: string | undefined,
  usual: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return usual
  const value = Number(text)
  if (text !== '' && value >= least && value <= most) return value
  throw new UsageError(`--${name} takes a number from ${least} to ${most}, got "${text}"`)
}

function parse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
  }
}

function describeRound(result: RoundResult): Outcome {
  const { seed, theme, violations, members, messages, received, delivered, failed, lost, frames, seconds } =
    result
  return {
    name: `seed ${seed} ${theme}`,
    facts: `${members} members, ${messages} messages, ${received} received, ${delivered} delivered, ${failed} failed, ${lost} lost, ${frames} frames, well ${seconds.toFixed(0)} s after the trouble`,
    again: `--seeds ${seed} --theme ${theme}`,
    violations,
  }
}

const secondsOf = (seconds: number | undefined): string =>
  seconds === undefined ? 'never' : `${seconds.toFixed(0)} s`

/** Runs what the command asks for, one after the other. */
async function* outcomes(command: Command): AsyncGenerator<Outcome> {
  const { seeds, theme, transfers, bytes, parityRates, trace } = command
  const say = trace ? (line: string): void => console.log(line) : undefined
  if (transfers.length === 0)
    for (const seed of seeds)
      yield describeRound(await runRound({ seed, theme: theme ?? themeOf(seed), say }))
  for (const plot of transfers)
    for (const parityRate of parityRates)
      for (const seed of seeds) {
        const result = await runTransfer(plot, { bytes, parityRate, seed, say })
        const { violations, receivedS, deliveredS, frames } = result
        yield {
          name: `${plot}, seed ${seed}, parity ${parityRate}`,
          facts: `${bytes} bytes, whole at the last after ${secondsOf(receivedS)}, told after ${secondsOf(deliveredS)}, ${frames} frames`,
          again: `--transfer ${plot} --bytes ${bytes} --parity ${parityRate} --seeds ${seed}`,
          violations,
        }
      }
}

/** Runs presets for so many hours. */
async function huntFor(hours: number, { keep: folder, firstSeed }: Command): Promise<number> {
  const now = (): number => Date.now()
  // A second of its own for each hunt, so that no two look at the same.
  const seed = firstSeed ?? Math.floor(now() / 1000)
  const untilMs = now() + hours * 3_600_000
  console.log(`from seed ${seed} on, ${Object.keys(presets).length} presets each`)
  const { rounds, bad } = await hunt({ untilMs, now, seed, folder, say: (line) => console.log(line), run })
  console.log(`${rounds - bad} well, ${bad} not${bad > 0 ? `: see ${folder}` : ''}`)
  return bad === 0 ? 0 : 1
}

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args)
  if (command === 'help') {
    console.log(HELP)
    return 0
  }
  if (command.hours !== undefined) return await huntFor(command.hours, command)
  /** Errors that nobody waited for, in the run under way. */
  const unhandled: string[] = []
  process.on('unhandledRejection', (error) =>
    unhandled.push(`nobody waited for ${(error as Error | undefined)?.stack ?? String(error)}`),
  )
  const runs: Outcome[] = []
  for await (const outcome of outcomes(command)) {
    const run = { ...outcome, violations: [...outcome.violations, ...unhandled.splice(0)] }
    runs.push(run)
    if (!command.json) console.log(lineOf(run))
  }
  const bad = runs.filter(({ violations }) => violations.length > 0)
  if (command.json) console.log(JSON.stringify({ runs }, undefined, 2))
  else console.log(`${runs.length - bad.length} well, ${bad.length} not`)
  return bad.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`campaign: ${error.message}`)
  process.exitCode = 2
}
