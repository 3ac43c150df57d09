/** What can be set for a round on the command line, one knob each. */
import type { JitterShape } from '@reliable-channels/simulator'
import type { GivenSettings } from '../campaign/settings.ts'
import { isTheme } from '../campaign/themes.ts'

export type Value = number | string

/** A setting that takes a number. */
interface NumberKnob {
  readonly text: string
  readonly placeholder: string
  readonly least: number
  readonly most: number
  readonly isWhole?: true
  /** 0 is no limit, so that what is between it and another value makes more trouble. */
  readonly isLimit?: true
  /** The value that makes the least trouble. */
  readonly calm: number
}

/** A setting that takes one of several words. */
interface WordKnob {
  readonly text: string
  readonly placeholder: string
  readonly isOne: (word: string) => boolean
  readonly calmest: string
  /** Words that make less trouble than one does, the least first. */
  readonly calmer: (word: string) => readonly string[]
}

export type Knob = NumberKnob | WordKnob

/** The values of knobs, by name. What has none follows from the seed. */
export type Values = Readonly<Record<string, Value>>

const number = (
  placeholder: string,
  text: string,
  least: number,
  most: number,
  calm: number,
): NumberKnob => ({ text, placeholder, least, most, calm })
const whole = (...all: Parameters<typeof number>): NumberKnob => ({ ...number(...all), isWhole: true })
const rate = (text: string, most = 1): NumberKnob => number('R', text, 0, most, 0)
const DAY_MS = 86_400_000
const ms = (text: string, least = 0, calm = least): NumberKnob => whole('MS', text, least, DAY_MS, calm)
const limit = (placeholder: string, text: string, most: number): NumberKnob => ({
  ...whole(placeholder, `${text}; 0 for any number`, 0, most, 0),
  isLimit: true,
})
const words = (text: string, calmest: string, ...others: readonly string[]): WordKnob => ({
  text,
  placeholder: [calmest, ...others].join('|'),
  isOne: (word) => [calmest, ...others].includes(word),
  calmest,
  calmer: (word) => (word === calmest ? [] : [calmest]),
})

/** A theme without one of its words. */
function calmerThemes(theme: string): string[] {
  if (theme === 'none') return []
  const all = theme.split('+')
  return ['none', ...all.map((_, left) => all.filter((_word, at) => at !== left).join('+') || 'none')]
}

/** The knobs, by group and by name. */
export const knobs: Readonly<Record<string, Readonly<Record<string, Knob>>>> = {
  Channel: {
    peers: whole('N', 'members of the channel', 2, 100, 2),
    messages: whole('N', 'messages that each sends', 1, 10_000, 1),
    size: whole('BYTES', 'largest payload', 1, 26_000_000, 1),
    segment: whole('BYTES', 'largest segment', 1_000, 110_000, 110_000),
    parity: rate('parity segments for each data segment'),
    stores: rate('share of the members that have a store'),
    minutes: number('M', 'how long messages are sent, and there is trouble', 0.1, 1_440, 0.1),
  },
  Network: {
    loss: rate('share lost on the way to each peer', 0.95),
    'burst-loss': rate('the same while a burst of loss lasts'),
    burst: ms('how long a burst lasts on average', 1),
    calm: ms('how long it is calm between two bursts on average', 1, DAY_MS),
    duplicate: rate('share that arrives twice'),
    reorder: rate('share overtaken by later ones'),
    'reorder-by': ms('by how much at most'),
    latency: ms('delay of each message'),
    jitter: ms('up to so much more'),
    'jitter-shape': words('how that is distributed', 'even', 'exponential', 'long-tailed'),
    'send-failure': rate('share that the network refuses'),
    up: limit('BYTES', 'bytes a second that the line of a member takes', 1_000_000_000),
    down: limit('BYTES', 'bytes a second that it brings', 1_000_000_000),
    queue: whole('BYTES', 'bytes that wait for a line, either way', 1, 1_000_000_000, 1_000_000_000),
  },
  Quota: {
    quota: limit('N', 'messages that a node may send in an epoch', 100_000),
    epoch: whole('S', 'length of an epoch, seconds', 1, 86_400, 1),
  },
  'Memory of the network': {
    memory: words('whether it can be asked for what was missed', 'no', 'yes'),
    'memory-loss': rate('share of the messages that it misses'),
    page: limit('N', 'messages that one question brings', 1_000_000),
  },
  Trouble: {
    theme: {
      text: 'what goes wrong besides; several joined by +, everything, or none',
      placeholder: 'NAME',
      isOne: (word) => word === 'none' || isTheme(word),
      calmest: 'none',
      calmer: calmerThemes,
    },
  },
}

/** All knobs by name. */
export const allKnobs: Readonly<Record<string, Knob>> = Object.assign({}, ...Object.values(knobs))

/** Without what is not known. */
function known<T extends object>(all: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never
}

/** What the values say to a round. */
export function settingsOf(values: Values): GivenSettings {
  const of = (name: string): number | undefined => values[name] as number | undefined
  const wordOf = (name: string): string | undefined => values[name] as string | undefined
  const times = (name: string, factor: number): number | undefined => {
    const value = of(name)
    return value === undefined ? undefined : value * factor
  }
  const memory = wordOf('memory')
  const quota = { messagesPerEpoch: of('quota') ?? 0, epochMs: times('epoch', 1_000) ?? 600_000 }
  const channel = {
    theme: wordOf('theme'),
    members: of('peers'),
    messages: of('messages'),
    maxBytes: of('size'),
    segmentBytes: of('segment'),
    parityRate: of('parity'),
    stores: of('stores'),
    activeMs: times('minutes', 60_000),
    memory: memory === undefined ? undefined : memory === 'yes',
    quota: quota.messagesPerEpoch > 0 ? quota : undefined,
  }
  const unlimited = (name: string): number | undefined => {
    const value = of(name)
    return value === 0 ? undefined : value
  }
  const network = {
    loss: of('loss'),
    burstLoss: of('burst-loss'),
    burstMs: of('burst'),
    calmMs: of('calm'),
    jitterShape: wordOf('jitter-shape') as JitterShape | undefined,
    upBytesPerSecond: unlimited('up'),
    downBytesPerSecond: unlimited('down'),
    queueBytes: of('queue'),
    memoryLoss: of('memory-loss'),
    pageMessages: unlimited('page'),
    duplicate: of('duplicate'),
    reorder: of('reorder'),
    reorderMs: of('reorder-by'),
    latencyMs: of('latency'),
    jitterMs: of('jitter'),
    sendFailure: of('send-failure'),
  }
  return { ...known(channel), lasts: true, network: known(network) }
}
