import { parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'
import { themeNames } from '../campaign/themes.ts'
import { type Value, type Values, allKnobs, knobs } from './knobs.ts'
import { DEFAULT_PRESET, presets } from './presets.ts'

/** A mistake on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Which rounds: a preset, and the values that were given besides. */
export interface Recipe {
  readonly preset: string
  readonly own: Values
}

/** What the command line asks for. */
export interface Command extends Recipe {
  readonly seeds: readonly number[]
  readonly json: boolean
  readonly verbose: boolean
  readonly shrink: boolean
  /** The files of `--trace` and `--replay`. */
  readonly trace: string | undefined
  readonly replay: string | undefined
}

const runOptions: readonly (readonly [name: string, text: string])[] = [
  ['preset NAME', 'settings that belong together, where no option says otherwise'],
  ['seeds A..B', 'the seeds, or one (default 1..20)'],
  ['rounds N', 'so many rounds, with the seeds --seed (default 1), --seed + 1 …'],
  ['json', 'one JSON document instead of lines'],
  ['verbose', 'print everything that happens'],
  ['trace FILE', 'of one seed: write each frame into a file, one JSON line each'],
  ['replay FILE', 'run the round of such a file again, and compare its frames'],
  ['shrink', 'look for the smallest settings that still show what went wrong'],
  ['help', 'print this'],
]

const row = (name: string, text: string): string => `  ${`--${name}`.padEnd(24)} ${text}`

/** What `--help` prints. */
export function helpText(): string {
  return [
    `Runs channels over a simulated network in virtual time, round after round, each with a seed of its own, and checks what
must hold: everything arrives once, in causal order, byte for byte, and nothing untrue is told.

  npx pnpm@12 simulate [options]

Run:`,
    ...runOptions.map(([name, text]) => row(name, text)),
    ...Object.entries(knobs).flatMap(([group, all]) => [
      '',
      `${group}:`,
      ...Object.entries(all).map(([name, { placeholder, text }]) => row(`${name} ${placeholder}`, text)),
    ]),
    '',
    'Presets:',
    ...Object.entries(presets).map(([name, { title }]) => `  ${name.padEnd(16)} ${title}`),
    '',
    `Themes: ${themeNames.join(', ')}.

A line for each seed, then totals: messages sent, delivered to members and told to be lost; frames, and how many for each
message delivered; bytes on the network for each byte delivered; the delay of 50, 95 and 99 of 100 deliveries.

Exit code: 0 when all was well, 1 with the command that repeats what was not, 2 for a mistake on the command line.`,
  ].join('\n')
}

/** Reads the arguments. */
export function parseCommand(args: readonly string[]): Command | 'help' {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean', default: false } as const
  const { values } = parse(() =>
    parseArgs({
      args: joinNegativeValues(args),
      options: {
        preset: string,
        seeds: string,
        seed: string,
        rounds: string,
        trace: string,
        replay: string,
        json: boolean,
        verbose: boolean,
        shrink: boolean,
        help: { ...boolean, short: 'h' },
        ...Object.fromEntries(Object.keys(allKnobs).map((name) => [name, string])),
      },
    }),
  )
  if (values.help) return 'help'
  const { preset = DEFAULT_PRESET, trace, replay, json, verbose, shrink } = values
  if (!Object.hasOwn(presets, preset)) throw new UsageError(`no preset "${preset}": see --help`)
  const seeds = seedsOf(values.seeds, values.seed, values.rounds)
  if (trace !== undefined && seeds.length > 1) throw new UsageError('--trace takes one seed, as in --seeds 7')
  const texts: Readonly<Record<string, unknown>> = values
  const own = Object.keys(allKnobs).flatMap((name) => {
    const text = texts[name]
    return typeof text === 'string' ? [[name, valueOf(name, text)] as const] : []
  })
  return { preset, own: Object.fromEntries(own), seeds, json, verbose, shrink, trace, replay }
}

/** The values of a recipe: its preset's, and its own. */
export function valuesOf({ preset, own }: Recipe): Values {
  return { ...presets[preset]!.values, ...own }
}

/** The recipe of a preset that has these values. */
export function recipeOf(preset: string, values: Values): Recipe {
  const usual = presets[preset]!.values
  const own = Object.entries(values).filter(([name, value]) => value !== usual[name])
  return { preset, own: Object.fromEntries(own) }
}

/** The command that runs one seed again. */
export function commandOf({ preset, own }: Recipe, seed: number): string {
  const named = preset === DEFAULT_PRESET ? [] : [`--preset ${preset}`]
  const others = Object.entries(own).map(([name, value]) => `--${name} ${value}`)
  return ['npx pnpm@12 simulate', ...named, ...others, `--seeds ${seed}`].join(' ')
}

function seedsOf(seeds: string | undefined, seed: string | undefined, rounds: string | undefined): number[] {
  if (seeds === undefined) {
    const first = numberOf('seed', seed ?? '1', 0, 2 ** 31, true)
    return range(first, numberOf('rounds', rounds ?? '20', 1, 1_000_000, true))
  }
  if ((seed ?? rounds) !== undefined)
    throw new UsageError('--seeds says it all: leave out --seed and --rounds')
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(seeds) ?? []
  const count = Number(last) - Number(first) + 1
  if (count >= 1 && count <= 1_000_000) return range(Number(first), count)
  throw new UsageError(`--seeds takes a seed or a range such as 1..100, got "${seeds}"`)
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i)

function valueOf(name: string, text: string): Value {
  const knob = allKnobs[name]!
  if ('least' in knob) return numberOf(name, text, knob.least, knob.most, knob.isWhole === true)
  if (knob.isOne(text)) return text
  throw new UsageError(`--${name} does not know "${text}": see --help`)
}

function numberOf(name: string, text: string, least: number, most: number, isWhole: boolean): number {
  const value = Number(text)
  if (text !== '' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value
  const kind = isWhole ? 'an integer' : 'a number'
  throw new UsageError(`--${name} takes ${kind} from ${least} to ${most}, got "${text}"`)
}

function parse<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\.\s|\n/)[0]}: see --help`)
  }
}
