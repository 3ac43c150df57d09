/** How much may still be spent on finding out which segments of one set are corrupt. */
export interface SearchBudget {
  /** Payloads that may still be put together and hashed. */
  trials: number
  /** Bytes of them. */
  bytes: number
  /** What was tried, and failed. */
  readonly failed: Set<string>
}

const MAX_TRIALS = 24

/** The budget of one set, whatever comes to it. */
export function newSearchBudget(): SearchBudget {
  return { trials: MAX_TRIALS, bytes: 2 ** 26, failed: new Set() }
}

/** Whether there is enough for one more trial of this size. The first is always allowed. */
export function canSpend(budget: SearchBudget, bytes: number): boolean {
  return budget.trials === MAX_TRIALS || (budget.trials > 0 && budget.bytes >= bytes)
}

/** Takes one trial out of the budget; `false` if it does not suffice. */
export function spend(budget: SearchBudget, bytes: number): boolean {
  if (!canSpend(budget, bytes)) return false
  budget.trials--
  budget.bytes -= bytes
  return true
}
