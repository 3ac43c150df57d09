/**
 * A small key–value store with atomic writes: the contract, and the store that lives in memory.
 *
 * @packageDocumentation
 */
export { checkChanges } from './check-changes.ts'
export { InvalidChangeError, StoreClosedError } from './errors.ts'
export { compareKeys } from './key-order.ts'
export { memoryStore } from './memory-store.ts'
export type { Change, Entry, Store } from './store.ts'
