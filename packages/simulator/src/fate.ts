import type { Conditions, JitterShape } from './conditions.ts'

/** The fate of one message on its way to one receiver. */
export interface Fate {
  readonly lost: boolean
  /** Time on the way. */
  readonly delayMs: number
  /** Held back so much longer that others overtake it; absent when it keeps its place. */
  readonly heldMs?: number
  /** A second copy comes so much later; absent when there is none. */
  readonly copyMs?: number
}

/**
 * Draws a fate: always as many numbers in the same order, so that changing one rate changes no other decision.
 *
 * @param isBurst Whether a burst of loss lasts, which one number decides.
 */
export function drawFate(
  random: () => number,
  conditions: Required<Conditions>,
  isBurst: (drawn: number) => boolean,
): Fate {
  const { loss, burstLoss, latencyMs, reorder, reorderMs, duplicate } = conditions
  const lost = random() < loss
  const delayMs = latencyMs + drawJitter(random, conditions)
  const reordered = random() < reorder
  const heldMs = random() * reorderMs
  const duplicated = random() < duplicate
  const copyMs = random() * reorderMs
  const bursts = isBurst(random())
  const lostInBurst = random() < burstLoss && bursts
  return {
    lost: lost || lostInBurst,
    delayMs,
    ...(reordered && { heldMs }),
    ...(duplicated && { copyMs }),
  }
}

/** The shape of the long tail: with less than 2 the variance has no bound. */
const PARETO_SHAPE = 1.5
/** No delay is so many times as long as the conditions say. */
const MOST_TIMES = 100

const shapes: Readonly<Record<JitterShape, (drawn: number) => number>> = {
  even: (drawn) => drawn,
  exponential: (drawn) => -Math.log(1 - drawn),
  'long-tailed': (drawn) => (1 - drawn) ** (-1 / PARETO_SHAPE) - 1,
}

/** Draws the part of a delay that differs from message to message, ms. */
export function drawJitter(
  random: () => number,
  { jitterMs, jitterShape }: Pick<Required<Conditions>, 'jitterMs' | 'jitterShape'>,
): number {
  return jitterMs * Math.min(MOST_TIMES, shapes[jitterShape](random()))
}
