import type { Store } from '../store.ts'

/** The ground that a store stands on: a directory, a database, a map. */
export interface StoreMedium {
  /** Opens the store; called again, after {@link Store.close}, to find what was written. */
  open(): Store | Promise<Store>
  /** Lets go of the medium. Called once at the end of each test, after the stores were closed, failed tests too. */
  destroy(): Promise<void>
}

/** Options of {@link storeConformance}. */
export interface StoreConformanceOptions {
  /** Registers one test, as `test` or `it` of any runner. */
  readonly test: (title: string, run: () => Promise<void>) => unknown
  /** Throws unless both are deeply equal. */
  equal(actual: unknown, expected: unknown, message?: string): void
  /** Groups tests, where the runner has it. */
  readonly describe?: (title: string, define: () => void) => unknown
  /** Makes an empty medium for one test. */
  readonly create: () => Promise<StoreMedium>
}
