import { parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'

/** The options of the command line. */
export interface DemoOptions {
  readonly file: string
  readonly receivers: number
  readonly loss: number
  readonly latencyMs: number
  readonly duplicate: number
  readonly reorder: number
  readonly segmentSizeBytes: number
  /** Messages that may leave in each period, for the whole node. */
  readonly rate: { readonly messages: number; readonly periodMs: number } | undefined
  readonly encrypt: boolean
  readonly seed: number
  readonly json: boolean
  /** Over libp2p on this machine instead of a simulated network. */
  readonly devnet: DevnetChoice | undefined
}

/** The options of the network on this machine. */
export interface DevnetChoice {
  /** Kill one service node half-way and restart another. */
  readonly killNode: boolean
  /** The service nodes keep the real node's rate limits. */
  readonly rateLimits: boolean
}

/** The command line cannot be understood: one line that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Those that a file can be sent to, in this order. */
export const RECEIVERS = ['bob', 'carol', 'dave', 'erin'] as const

export const HELP = `Sends a file from alice to bob and carol over a simulated network that loses, repeats and reorders messages.

  npx pnpm@12 demo [FILE] [options]

  FILE                   the file to send (default: the project's pnpm-lock.yaml)
  --receivers N          how many get it, 1 to 4: bob, carol, dave, erin (default 2; 1 with --devnet)
  --loss R               share of messages lost on the way to each peer, 0 to 0.95 (default 0.3); with --devnet the
                         share of its pushes that each service node drops (default 0)
  --latency MS           delay of each message in milliseconds (default 20)
  --duplicate R          share of messages that arrive twice, 0 to 1 (default 0)
  --reorder R            share of messages that are overtaken by later ones, 0 to 1 (default 0)
  --segment-size BYTES   largest segment, from 192 (default 102400)
  --rate N/PERIOD        at most N messages in each PERIOD, such as 20/10s, 5/500ms, 100/10m
  --encrypt              seal every message with XChaCha20-Poly1305
  --seed N               the same seed loses the same messages (default 42)
  --devnet               use real libp2p on this machine instead: light push, gossip over three service nodes, filter.
                         Each receiver is a process of its own, and every message is sealed with a fresh key. The
                         service nodes have no rate limits here; 10 messages a second go to each
  --kill-node            with --devnet: half-way, kill the service node that both use, and restart bob's other one
  --rate-limits          with --devnet: the service nodes have the real one's rate limits; 3 messages a second go to each
  --json                 print one JSON document instead of the progress bar and the table
  --help                 print this

Exit code: 0 when every peer has the file and the sender knows it, 1 when not, 2 for a mistake on the command line.
Ctrl-C with --devnet closes everything and gives 130.`

/** Most that can be lost for anything to arrive within reasonable time. */
const MAX_LOSS = 0.95

/**
 * Reads the command line.
 *
 * @returns The options, or `'help'`.
 * @throws UsageError
 */
export function parseDemoOptions(args: readonly string[], defaultFile: string): DemoOptions | 'help' {
  const { values, positionals } = parse(args)
  if (values.help === true) return 'help'
  if (positionals.length > 1) throw new UsageError(`expected one FILE, got ${positionals.length}: see --help`)
  const devnet = parseDevnet(values)
  const isDevnet = devnet !== undefined
  return {
    file: positionals[0] ?? defaultFile,
    receivers: number('receivers', values.receivers, {
      default: isDevnet ? 1 : 2,
      min: 1,
      max: RECEIVERS.length,
      integer: true,
    }),
    loss: number('loss', values.loss, { default: isDevnet ? 0 : 0.3, min: 0, max: MAX_LOSS }),
    latencyMs: number('latency', values.latency, { default: 20, min: 0, max: 60_000 }),
    duplicate: number('duplicate', values.duplicate, { default: 0, min: 0, max: 1 }),
    reorder: number('reorder', values.reorder, { default: 0, min: 0, max: 1 }),
    segmentSizeBytes: number('segment-size', values['segment-size'], {
      default: 102_400,
      min: 192,
      max: 122_880,
      integer: true,
    }),
    rate: values.rate === undefined ? undefined : parseRate(values.rate),
    encrypt: values.encrypt === true,
    seed: number('seed', values.seed, { default: 42, min: 0, max: 2 ** 32 - 1, integer: true }),
    json: values.json === true,
    devnet,
  }
}

/** Options that only the simulated network has. */
const SIMULATED = ['latency', 'duplicate', 'reorder'] as const

function parseDevnet(values: ReturnType<typeof parse>['values']): DevnetChoice | undefined {
  const { 'kill-node': killNode = false, 'rate-limits': rateLimits = false } = values
  if (values.devnet !== true) {
    if (killNode || rateLimits)
      throw new UsageError(`--${killNode ? 'kill-node' : 'rate-limits'} is for --devnet: add that`)
    return undefined
  }
  const simulated = SIMULATED.find((name) => values[name] !== undefined)
  if (simulated !== undefined)
    throw new UsageError(`--${simulated} is for the simulated network: leave out one of it and --devnet`)
  return { killNode, rateLimits }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: joinNegativeValues(args),
      allowPositionals: true,
      options: {
        receivers: { type: 'string' },
        loss: { type: 'string' },
        latency: { type: 'string' },
        duplicate: { type: 'string' },
        reorder: { type: 'string' },
        'segment-size': { type: 'string' },
        rate: { type: 'string' },
        seed: { type: 'string' },
        encrypt: { type: 'boolean' },
        devnet: { type: 'boolean' },
        'kill-node': { type: 'boolean' },
        'rate-limits': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    const [firstSentence] = (error as Error).message.split(/\.\s|\n/)
    throw new UsageError(`${firstSentence}: see --help`)
  }
}

function number(
  name: string,
  text: string | undefined,
  range: { default: number; min: number; max: number; integer?: boolean },
): number {
  if (text === undefined) return range.default
  const value = text.trim() === '' ? NaN : Number(text)
  if (value >= range.min && value <= range.max && (range.integer !== true || Number.isInteger(value)))
    return value
  const kind = range.integer === true ? 'an integer' : 'a number'
  throw new UsageError(`--${name} takes ${kind} from ${range.min} to ${range.max}, got "${text}"`)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function parseRate(text: string): { messages: number; periodMs: number } {
  const match = /^(\d{1,9})\/(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text)
  const messages = Number(match?.[1])
  const periodMs = Math.round(Number(match?.[2]) * UNITS[match?.[3] ?? 's']!)
  if (match !== null && messages >= 1 && periodMs >= 1) return { messages, periodMs }
  throw new UsageError(`--rate takes N/PERIOD such as 20/10s, 5/500ms or 100/10m, got "${text}"`)
}
