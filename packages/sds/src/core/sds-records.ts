import type { Journal } from './parts/journal.ts'
import type { SdsState } from './state.ts'

/** What a participant has stored, and how it stores more. For one stage. */
export interface SdsRecords {
  /** None where nothing more is to be stored. */
  readonly journal: Journal | undefined
  /** Brings back what was stored. Returns what starts it, at the first step. */
  restore(state: SdsState): (now: number) => void
}
