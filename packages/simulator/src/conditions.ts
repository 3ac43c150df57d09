import { type Checks, createChecks, onlyNames } from '@reliable-channels/options'

/** How the network treats messages. Rates are probabilities from 0 to 1, times are in ms. */
export interface Conditions {
  /** Rate at which a message is lost on its way to one receiver; each receiver loses for itself. @default 0 */
  readonly loss?: number
  /**
   * The same while a burst lasts (Gilbert–Elliott): bursts come and go for each sender and receiver apart, in either
   * direction. @default 0
   */
  readonly burstLoss?: number
  /** How long a burst lasts on average. @default 2_000 */
  readonly burstMs?: number
  /** How long it is calm between two bursts on average. @default 30_000 */
  readonly calmMs?: number
  /** Time from a sender to a receiver, and to the network's memory. @default 10 */
  readonly latencyMs?: number
  /** Up to this much more. Alone it does not reorder: later messages wait. @default 0 */
  readonly jitterMs?: number
  /**
   * How that is distributed: `even` from 0 to `jitterMs`; `exponential` with a mean of it; `long-tailed` (Pareto, shape 1.5),
   * half of it or more for one message in two, and at most 100 times as much. @default 'even'
   */
  readonly jitterShape?: JitterShape
  /** Rate at which a receiver gets a message a second time, up to `reorderMs` later. @default 0 */
  readonly duplicate?: number
  /** Rate at which a message is held back by up to `reorderMs`, so that later ones overtake it. @default 0 */
  readonly reorder?: number
  /** Longest time that a reordered or duplicated message is held back. @default 100 */
  readonly reorderMs?: number
  /** Rate at which an accepted request ends in `message-error` and its message goes nowhere. @default 0 */
  readonly sendFailure?: number
  /** What the line of a peer takes from it, bytes a second. @default Infinity */
  readonly upBytesPerSecond?: number
  /** What it brings to it. @default Infinity */
  readonly downBytesPerSecond?: number
  /**
   * Bytes that wait for a line, in each direction.
   * @limit A request that does not fit ends in `message-error`; what does not fit on the way to a peer is dropped and counted.
   * @default 1_000_000
   */
  readonly queueBytes?: number
  /** Rate at which the network's memory misses a message. @default 0 */
  readonly memoryLoss?: number
}

/** See {@link Conditions.jitterShape}. */
export type JitterShape = 'even' | 'exponential' | 'long-tailed'

/** A condition or another option has a value that means nothing. */
export class SimulatorOptionError extends Error {
  override readonly name = 'SimulatorOptionError'
  readonly code = 'ERR_SIMULATOR_OPTION'
}

/** Checks of arguments, which throw a {@link SimulatorOptionError}. */
export const check: Checks = createChecks((message) => new SimulatorOptionError(message))

/** The default conditions of a network. */
export const DEFAULT_CONDITIONS: Required<Conditions> = {
  loss: 0,
  burstLoss: 0,
  burstMs: 2_000,
  calmMs: 30_000,
  latencyMs: 10,
  jitterMs: 0,
  jitterShape: 'even',
  duplicate: 0,
  reorder: 0,
  reorderMs: 100,
  sendFailure: 0,
  upBytesPerSecond: Infinity,
  downBytesPerSecond: Infinity,
  queueBytes: 1_000_000,
  memoryLoss: 0,
}

/** All names of options of a network: one that is misspelt would be ignored. */
const NAMES = [
  ...Object.keys(DEFAULT_CONDITIONS),
  ...['seed', 'scheduler', 'maxMessageBytes', 'maxInFlightBytes', 'retentionMs', 'maxStoredBytes'],
  ...['messagesPerEpoch', 'epochMs', 'pageMessages'],
]

const RATES = ['loss', 'burstLoss', 'duplicate', 'reorder', 'sendFailure', 'memoryLoss'] as const
const TIMES = ['latencyMs', 'jitterMs', 'reorderMs'] as const
/** A chain that leaves a state at once is in none. */
const SPELLS = ['burstMs', 'calmMs'] as const
const SPEEDS = ['upBytesPerSecond', 'downBytesPerSecond'] as const
const SHAPES: readonly JitterShape[] = ['even', 'exponential', 'long-tailed']

/**
 * `conditions` over `base`, checked.
 *
 * @throws {@link SimulatorOptionError}
 */
export function mergeConditions(base: Required<Conditions>, conditions: Conditions): Required<Conditions> {
  check.object('conditions', conditions)
  onlyNames(check, conditions, NAMES)
  const merged: Record<string, number | string> = { ...base }
  for (const name of RATES) {
    const rate = conditions[name]
    if (rate === undefined) continue
    check.number(name, rate, 0, 1)
    merged[name] = rate
  }
  for (const name of TIMES) {
    const time = conditions[name]
    if (time === undefined) continue
    check.number(name, time, 0, Number.MAX_SAFE_INTEGER)
    merged[name] = time
  }
  for (const name of [...SPELLS, ...SPEEDS]) {
    const value = conditions[name]
    if (value === undefined) continue
    check.above(name, value, 0)
    merged[name] = value
  }
  const { queueBytes, jitterShape } = conditions
  if (queueBytes !== undefined) merged['queueBytes'] = checkLimit('queueBytes', queueBytes)
  if (jitterShape !== undefined) {
    check.oneOf('jitterShape', jitterShape, SHAPES)
    merged['jitterShape'] = jitterShape
  }
  return merged as unknown as Required<Conditions>
}

/** A limit that must be a positive whole number, checked. */
export function checkLimit(name: string, limit: number, greatest?: number): number {
  check.integer(name, limit, 1, greatest)
  return limit
}
