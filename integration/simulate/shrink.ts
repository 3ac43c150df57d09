import type { RoundResult } from '../campaign/round.ts'
import { type Knob, type Value, type Values, allKnobs } from './knobs.ts'

/** Settings and a seed that show a violation. */
export interface Case {
  readonly values: Values
  readonly seed: number
}

/** Knobs that follow from the seed where they have no value; others are calm then. */
const DRAWN = ['peers', 'messages', 'size', 'parity', 'stores', 'minutes', 'loss', 'memory', 'theme']

/** Seeds that are tried with each smaller setting: what is drawn changes with it. */
const SEEDS_EACH = 4

/**
 * Looks for the smallest settings that still show a violation: turns one knob after the other towards calm, as far as
 * something still goes wrong, until no further turn helps.
 *
 * @param run Runs one case.
 */
export async function shrink(start: Case, run: (one: Case) => Promise<RoundResult>): Promise<Case> {
  let smallest = start
  const failing = async (values: Values): Promise<Case | undefined> => {
    for (let i = 0; i < SEEDS_EACH; i++) {
      const one = { values, seed: start.seed + i }
      if ((await run(one)).violations.length > 0) return one
    }
    return undefined
  }
  for (let hasShrunk = true; hasShrunk;) {
    hasShrunk = false
    for (const [name, knob] of Object.entries(allKnobs)) {
      if (smallest.values[name] === undefined && !DRAWN.includes(name)) continue
      for (const value of calmer(knob, smallest.values[name])) {
        const found = await failing({ ...smallest.values, [name]: value })
        if (found === undefined) continue
        smallest = found
        hasShrunk = true
        break
      }
    }
  }
  return smallest
}

/** Values that make less trouble than one does, the calmest first; of numbers some on the way there. */
export function calmer(knob: Knob, value: Value | undefined): readonly Value[] {
  if ('calmer' in knob) return value === undefined ? [knob.calmest] : knob.calmer(String(value))
  const { calm, isWhole, isLimit = false } = knob
  if (value === undefined || (isLimit && value !== calm)) return [calm]
  const far = Number(value) - calm
  const steps = [0, 0.25, 0.5, 0.75].map((share) => calm + far * share)
  const rounded = steps.map((step) => (isWhole ? Math.round(step) : Number(step.toPrecision(2))))
  // Rounding must not lead back.
  return [...new Set(rounded)].filter((step) => Math.abs(step - calm) < Math.abs(far))
}
