/** The budget for finding out which segments of one set are corrupt. */
export interface SearchBudget {
  /** Payloads that may still be put together and hashed. */
  trials: number
  /** Bytes of them. */
  bytes: number
  /** Segments more than it takes with which they are compared next: twice as many as the last time. */
  nextSpare: number
  /** Combinations that were tried, and failed. */
  readonly failed: Set<string>
}

/** Choices among contradicting segments that are tried for one payload. @limit No further one is tried. */
const MAX_TRIALS = 24

/** Part of the budget that is kept for when more segments have come, which makes finding the corrupt ones easier. */
const TRIALS_IN_RESERVE = 8
const PAYLOADS_IN_RESERVE = 2

/** The budget of one set, whatever comes to it. */
export function newSearchBudget(): SearchBudget {
  return { trials: MAX_TRIALS, bytes: 2 ** 26, nextSpare: 1, failed: new Set() }
}

/** Whether there is enough for one more trial of this size. The first is always allowed. */
export function canSpend(budget: SearchBudget, bytes: number): boolean {
  return budget.trials === MAX_TRIALS || (budget.trials > 0 && budget.bytes >= bytes)
}

/** Whether there is enough for one more trial of this size besides what is left in reserve. */
export function canSpendBlindly(budget: SearchBudget, bytes: number): boolean {
  return budget.trials > TRIALS_IN_RESERVE && budget.bytes >= (1 + PAYLOADS_IN_RESERVE) * bytes
}

/** Takes one trial out of the budget; `false` if it does not suffice. */
export function spend(budget: SearchBudget, bytes: number): boolean {
  if (!canSpend(budget, bytes)) return false
  budget.trials--
  budget.bytes -= bytes
  return true
}
