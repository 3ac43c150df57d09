import { reasonOf } from './thrown.ts'

/**
 * Runs all steps one after the other, also when one fails.
 *
 * @throws AggregateError of all that failed
 */
export async function allSettled(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  throwAll(await failuresOf(steps))
}

/** Runs all steps one after the other, and returns what failed: of a step that had several failures, each. */
export async function failuresOf(steps: readonly (() => Promise<void> | void)[]): Promise<unknown[]> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(...eachOf(error))
    }
  }
  return failures
}

/** @throws AggregateError of all failures, if there are any */
export function throwAll(failures: readonly unknown[]): void {
  if (failures.length > 0) throw togetherOf(failures)
}

/** One error of several. */
export const togetherOf = (failures: readonly unknown[]): AggregateError =>
  new AggregateError(failures, failures.map(reasonOf).join('; '))

/** The failures that an error consists of. */
export const eachOf = (error: unknown): readonly unknown[] =>
  error instanceof AggregateError && error.errors.length > 0 ? error.errors : [error]
