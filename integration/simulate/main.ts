import { parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'
import { type CampaignOptions, type RoundResult, runRound } from './campaign.ts'

const HELP = `Runs channels over a simulated network in virtual time, round after round, each with a seed of its own, and checks that
everybody gets every message once and in causal order.

  npx pnpm@12 simulate [options]

  --rounds N       rounds, with the seeds --seed, --seed + 1 … (default 20)
  --seed N         first seed (default 1)
  --peers N        members of the channel, 2 to 100 (default 4)
  --messages N     messages that each sends (default 10)
  --size BYTES     largest payload (default 4000, in segments of 1024)
  --parity R       parity segments for each data segment, 0 to 1 (default 0)
  --loss R         share lost on the way to each peer (default 0.3)
  --duplicate R    share that arrives twice (default 0.1)
  --reorder R      share overtaken by later ones (default 0.2)
  --latency MS     delay of each message (default 50)
  --partition      split the network in two for five seconds
  --json           one JSON document instead of lines
  --help           print this

Exit code: 0 when all was well, 1 with the seeds of the rounds that were not, 2 for a mistake on the command line.`

class UsageError extends Error {
  override readonly name = 'UsageError'
}

interface Command extends CampaignOptions {
  readonly rounds: number
  readonly seed: number
  readonly json: boolean
}

function parseCommand(args: readonly string[]): Command | 'help' {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean' } as const
  let values: Record<string, string | boolean | undefined>
  try {
    ;({ values } = parseArgs({
      args: joinNegativeValues(args),
      options: {
        rounds: string,
        seed: string,
        peers: string,
        messages: string,
        size: string,
        parity: string,
        loss: string,
        duplicate: string,
        reorder: string,
        latency: string,
        partition: boolean,
        json: boolean,
        help: { ...boolean, short: 'h' },
      },
    }))
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
  }
  if (values['help'] === true) return 'help'
  const number = (name: string, fallback: number, min: number, max: number, integer = true): number => {
    const text = values[name]
    if (text === undefined) return fallback
    const value = Number(text)
    if (text !== '' && value >= min && value <= max && (!integer || Number.isInteger(value))) return value
    throw new UsageError(
      `--${name} takes ${integer ? 'an integer' : 'a number'} from ${min} to ${max}, got "${text}"`,
    )
  }
  return {
    rounds: number('rounds', 20, 1, 1_000_000),
    seed: number('seed', 1, 0, 2 ** 31),
    peers: number('peers', 4, 2, 100),
    messages: number('messages', 10, 1, 10_000),
    maxBytes: number('size', 4_000, 1, 100_000),
    parityRate: number('parity', 0, 0, 1, false),
    loss: number('loss', 0.3, 0, 0.95, false),
    duplicate: number('duplicate', 0.1, 0, 1, false),
    reorder: number('reorder', 0.2, 0, 1, false),
    latencyMs: number('latency', 50, 0, 60_000),
    partition: values['partition'] === true,
    json: values['json'] === true,
  }
}

function line({ seed, violations, seconds, network, traffic }: RoundResult): string {
  const kinds = Object.entries(traffic).map(([kind, count]) => `${count} ${kind}`)
  const facts = `${seconds.toFixed(1)} s, ${network.sent} sent (${kinds.join(', ')}), ${network.lost} copies lost`
  return violations.length === 0 ? `seed ${seed}: ok, ${facts}` : `seed ${seed}: ${violations[0]}, ${facts}`
}

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args)
  if (command === 'help') {
    console.log(HELP)
    return 0
  }
  const rounds: RoundResult[] = []
  for (let round = 0; round < command.rounds; round++) {
    const result = await runRound(command.seed + round, command)
    rounds.push(result)
    if (!command.json) console.log(line(result))
  }
  const failed = rounds.filter(({ violations }) => violations.length > 0)
  if (command.json) console.log(JSON.stringify({ options: command, rounds }, null, 2))
  else {
    const times = rounds.map(({ seconds }) => seconds).sort((a, b) => a - b)
    const median = times[Math.floor(times.length / 2)]!
    console.log(
      `${rounds.length - failed.length} rounds well, ${failed.length} not; finished after ${median.toFixed(1)} s (median), ${times.at(-1)!.toFixed(1)} s at the latest`,
    )
    if (failed.length > 0) console.log(`again: --rounds 1 --seed ${failed[0]!.seed} with the same options`)
  }
  return failed.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`simulate: ${error.message}`)
  process.exitCode = 2
}
