import { parseArgs } from 'node:util'
import { type RoundResult, runRound, themeOf } from './round.ts'
import { isTheme, themeNames } from './themes.ts'

const HELP = `Runs channels through trouble in virtual time, round after round, each from a seed of its own, and checks what must hold.

  npx pnpm@12 campaign [options]

  --seeds A..B   the seeds, or one (default 1..40)
  --theme NAME   what goes wrong; several joined by +, or everything (default: follows from the seed)
  --json         one JSON document instead of lines
  --trace        print everything that happens, frames included
  --help         print this

Themes: ${themeNames.join(', ')}.

Exit code: 0 when all was well, 1 with the commands that repeat the rounds that were not, 2 for a mistake on the command line.`

class UsageError extends Error {
  override readonly name = 'UsageError'
}

interface Command {
  readonly seeds: readonly number[]
  readonly theme: string | undefined
  readonly json: boolean
  readonly trace: boolean
}

function parseCommand(args: readonly string[]): Command | 'help' {
  const boolean = { type: 'boolean', default: false } as const
  const string = { type: 'string' } as const
  const { values } = parse(() =>
    parseArgs({
      args: [...args],
      options: {
        seeds: string,
        theme: string,
        json: boolean,
        trace: boolean,
        help: { ...boolean, short: 'h' },
      },
    }),
  )
  if (values.help) return 'help'
  const { seeds = '1..40', theme, json, trace } = values
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(seeds) ?? []
  const count = Number(last) - Number(first) + 1
  if (!(count >= 1 && count <= 1_000_000))
    throw new UsageError(`--seeds takes a seed or a range such as 1..100, got "${seeds}"`)
  if (theme !== undefined && !isTheme(theme)) throw new UsageError(`no theme "${theme}": see --help`)
  return { seeds: Array.from({ length: count }, (_, i) => Number(first) + i), theme, json, trace }
}

function parse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
  }
}

function describe(result: RoundResult): string {
  const { seed, theme, violations, members, messages, received, delivered, failed, lost, frames, seconds } =
    result
  const facts = `${members} members, ${messages} messages, ${received} received, ${delivered} delivered, ${failed} failed, ${lost} lost, ${frames} frames, well ${seconds.toFixed(0)} s after the trouble`
  if (violations.length === 0) return `seed ${seed} ${theme}: ok, ${facts}`
  const again = `again: npx pnpm@12 campaign --seeds ${seed} --theme ${theme}`
  return [`seed ${seed} ${theme}: NOT WELL, ${facts}`, ...violations, again].join('\n      ')
}

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args)
  if (command === 'help') {
    console.log(HELP)
    return 0
  }
  /** What nobody waited for, in the round under way. */
  const unhandled: string[] = []
  process.on('unhandledRejection', (error) =>
    unhandled.push(`nobody waited for ${(error as Error | undefined)?.stack ?? String(error)}`),
  )
  const rounds: RoundResult[] = []
  for (const seed of command.seeds) {
    const say = command.trace ? (line: string): void => console.log(line) : undefined
    const result = await runRound(seed, command.theme ?? themeOf(seed), say)
    const round = { ...result, violations: [...result.violations, ...unhandled.splice(0)] }
    rounds.push(round)
    if (!command.json) console.log(describe(round))
  }
  const bad = rounds.filter(({ violations }) => violations.length > 0)
  if (command.json) console.log(JSON.stringify({ rounds }, undefined, 2))
  else console.log(`${rounds.length - bad.length} rounds well, ${bad.length} not`)
  return bad.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`campaign: ${error.message}`)
  process.exitCode = 2
}
