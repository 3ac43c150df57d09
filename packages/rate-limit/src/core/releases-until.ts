import { CLASSES, type PriorityClass } from './fields.ts'

/** Releases from one turn of the lower classes to the next. */
const PERIOD = 8

/**
 * How many releases it takes until `target` frames of a class have left, given how many wait in each class.
 *
 * @param untilLower Releases before the next turn of the lower classes.
 * @param lastLower The class that had the last of these turns.
 */
export function releasesUntil(
  priority: PriorityClass,
  target: number,
  counts: readonly number[],
  untilLower: number,
  lastLower: PriorityClass,
): number {
  const left = [...counts]
  left[priority] = Math.max(target, left[priority]!)
  let releases = 0
  const serve = (served: PriorityClass, wanted: number): number => {
    const count = Math.min(wanted, left[served]!)
    left[served]! -= count
    if (served === priority) target -= count
    releases += target < 0 ? count + target : count
    return count
  }
  for (;;) {
    for (let strict = untilLower; strict > 0;) {
      strict -= serve(
        CLASSES.find((waiting) => left[waiting]! > 0)!,
        strict,
      )
      if (target <= 0) return releases
    }
    const waiting = CLASSES.filter((candidate) => left[candidate]! > 0)
    const lower = waiting.slice(1)
    const turn = lower.length === 0 ? waiting[0]! : lower[0] === lastLower ? lower.at(-1)! : lower[0]!
    if (lower.length > 0) lastLower = turn
    serve(turn, 1)
    if (target <= 0) return releases
    untilLower = PERIOD - 1
  }
}
