/**
 * A small key–value store with atomic writes: the contract, and the store that lives in memory.
 *
 * @packageDocumentation
 */
export { StoreOptionError } from './check.ts'
export { checkedStore } from './checked-store.ts'
export { checkChanges } from './check-changes.ts'
export {
  InvalidChangeError,
  LocksUnavailableError,
  StoreClosedError,
  StoreLockedError,
  StoreTimeoutError,
  UnsupportedFormatError,
} from './errors.ts'
export { type Exclusive, type ExclusiveOptions, type Locks, exclusive } from './exclusive.ts'
export { compareKeys } from './key-order.ts'
export { memoryStore } from './memory-store.ts'
export type { Change, CorruptEntry, CorruptReason, Entry, Store } from './store.ts'
