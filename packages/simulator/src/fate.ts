import type { Conditions } from './conditions.ts'

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

/** Draws a fate: always as many numbers in the same order, so that changing one rate changes no other decision. */
export function drawFate(random: () => number, conditions: Required<Conditions>): Fate {
  const { loss, latencyMs, jitterMs, reorder, reorderMs, duplicate } = conditions
  const lost = random() < loss
  const delayMs = latencyMs + random() * jitterMs
  const reordered = random() < reorder
  const heldMs = random() * reorderMs
  const duplicated = random() < duplicate
  const copyMs = random() * reorderMs
  return { lost, delayMs, ...(reordered && { heldMs }), ...(duplicated && { copyMs }) }
}
