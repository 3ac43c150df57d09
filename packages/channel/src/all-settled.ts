import { reasonOf } from './thrown.ts'

/**
 * Runs all steps one after the other, also when one fails.
 *
 * @throws What failed, and an AggregateError where several did.
 */
export async function allSettled(steps: readonly (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, errors.map(reasonOf).join('; '))
}
