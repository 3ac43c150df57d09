import { type Checks, createChecks } from '@reliable-channels/options'

/** How the network treats messages. Rates are probabilities from 0 to 1, times are in ms. */
export interface Conditions {
  /** Rate at which a message is lost on its way to one receiver; each receiver loses for itself. @default 0 */
  readonly loss?: number
  /** Time from a sender to a receiver, and to the network's memory. @default 10 */
  readonly latencyMs?: number
  /** Up to this much more, evenly distributed. Alone it does not reorder: later messages wait. @default 0 */
  readonly jitterMs?: number
  /** Rate at which a receiver gets a message a second time, up to `reorderMs` later. @default 0 */
  readonly duplicate?: number
  /** Rate at which a message is held back by up to `reorderMs`, so that later ones overtake it. @default 0 */
  readonly reorder?: number
  /** Longest time that a reordered or duplicated message is held back. @default 100 */
  readonly reorderMs?: number
  /** Rate at which an accepted request ends in `message-error` and its message goes nowhere. @default 0 */
  readonly sendFailure?: number
}

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
  latencyMs: 10,
  jitterMs: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 100,
  sendFailure: 0,
}

/** All names of options of a network: one that is misspelt would be ignored. */
const NAMES = [
  ...Object.keys(DEFAULT_CONDITIONS),
  ...['seed', 'scheduler', 'maxMessageBytes', 'maxInFlightBytes', 'retentionMs', 'maxStoredBytes'],
]

const RATES = ['loss', 'duplicate', 'reorder', 'sendFailure'] as const
const TIMES = ['latencyMs', 'jitterMs', 'reorderMs'] as const

/**
 * `conditions` over `base`, checked.
 *
 * @throws {@link SimulatorOptionError}
 */
export function mergeConditions(base: Required<Conditions>, conditions: Conditions): Required<Conditions> {
  check.object('conditions', conditions)
  check.names(conditions, NAMES)
  const merged: Record<string, number> = { ...base }
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
  return merged as unknown as Required<Conditions>
}

/** A limit that must be a positive whole number, checked. */
export function checkLimit(name: string, limit: number): number {
  check.integer(name, limit, 1)
  return limit
}
