import { type RoundOptions, type RoundResult, runRound } from '../campaign/round.ts'
import { type Values, settingsOf } from './knobs.ts'

/** Errors that nobody waited for, in the round under way. */
const unhandled: string[] = []
let isListening = false

/** Runs one round with such values; an error that nobody waited for is a violation. */
export async function run(
  values: Values,
  seed: number,
  options: Pick<RoundOptions, 'say' | 'onFrame'> = {},
): Promise<RoundResult> {
  if (!isListening)
    process.on('unhandledRejection', (error) =>
      unhandled.push(`nobody waited for ${(error as Error | undefined)?.stack ?? String(error)}`),
    )
  isListening = true
  const result = await runRound({ seed, given: settingsOf(values), ...options })
  return { ...result, violations: [...result.violations, ...unhandled.splice(0)] }
}
