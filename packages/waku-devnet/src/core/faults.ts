/** Faults of a node. */
export interface FaultSettings {
  /** Share (0–1) of light pushes that are answered 200 and go nowhere. @default 0 */
  readonly dropLightPush: number
  /** Share (0–1) of filter pushes that are never sent. @default 0 */
  readonly dropFilterPush: number
  /** Milliseconds by which every reply and every filter push is held back. @default 0 */
  readonly delayMs: number
  /** Share (0–1) of light push, filter and store requests that are refused with 503. @default 0 */
  readonly refuse: number
  /** Milliseconds by which the clock is ahead (or behind, if negative) in stamping and judging messages. @default 0 */
  readonly clockSkewMs: number
  /** Takes connections and requests, but answers nothing and pushes nothing. @default false */
  readonly silent: boolean
}

/** A node with nothing wrong. */
export const NO_FAULTS: FaultSettings = {
  dropLightPush: 0,
  dropFilterPush: 0,
  delayMs: 0,
  refuse: 0,
  clockSkewMs: 0,
  silent: false,
}

const DAY_MS = 86_400_000

/** The mistake in a change of faults, or `undefined`. */
export function faultProblem(change: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(change)) {
    if (name === 'silent') {
      if (typeof value !== 'boolean') return `"silent" expected true or false, got ${String(value)}`
    } else if (name === 'delayMs') {
      if (!isBetween(value, 0, DAY_MS)) {
        return `"delayMs" expected 0 to ${DAY_MS} milliseconds, got ${String(value)}`
      }
    } else if (name === 'clockSkewMs') {
      if (!isBetween(value, -DAY_MS, DAY_MS) || !Number.isInteger(value)) {
        return `"clockSkewMs" expected whole milliseconds up to a day, got ${String(value)}`
      }
    } else if (Object.hasOwn(NO_FAULTS, name)) {
      if (!isBetween(value, 0, 1)) return `"${name}" expected a share from 0 to 1, got ${String(value)}`
    } else {
      return `no fault is called "${name}"; there are ${Object.keys(NO_FAULTS).join(', ')}`
    }
  }
  return undefined
}

function isBetween(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max
}
