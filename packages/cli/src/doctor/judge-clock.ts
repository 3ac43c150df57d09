import type { Diagnosis } from './diagnosis.ts'

/** Most that service nodes tolerate, ms: what is further from their clock is delivered, but not kept. */
const TOLERATED_MS = 20_000

/** What tells whether the clock is right. */
export interface ClockEvidence {
  /** Whether a store kept a message that was stamped now; `undefined` where that is not known. */
  readonly isKept: boolean | undefined
  /** By how much messages of others that have just come are stamped ahead (above 0) or behind, ms. */
  readonly offsetsMs: readonly number[]
}

/** Whether the clock of this machine is right. */
export function judgeClock({ isKept, offsetsMs }: ClockEvidence): Diagnosis {
  const check = 'clock'
  const hint = 'Set the clock, best by the network: timedatectl set-ntp true.'
  const offsetMs = medianOf(offsetsMs)
  if (offsetMs !== undefined && Math.abs(offsetMs) > TOLERATED_MS) {
    const way = offsetMs > 0 ? 'behind' : 'ahead of'
    return { check, verdict: 'failed', message: `${seconds(offsetMs)} ${way} those of the others`, hint }
  }
  if (isKept === true) return { check, verdict: 'ok', message: 'within 20 s of that of the service nodes' }
  if (isKept === false) {
    return {
      check,
      verdict: 'warning',
      message: 'more than 20 s off, perhaps: no store kept a message that was stamped now',
      hint,
    }
  }
  if (offsetMs === undefined)
    return { check, verdict: 'unknown', message: 'nothing tells whether it is right' }
  return { check, verdict: 'ok', message: `${seconds(offsetMs)} from those of the others` }
}

const seconds = (ms: number): string => `${Math.abs(Math.round(ms / 1000)).toLocaleString('en')} s`

function medianOf(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
