import type { Store } from '@reliable-channels/store'
import { type Patience, iterateWithin, waitFor } from './wait-limits.ts'

declare const limited: unique symbol

/** A store that answers within a limit or has failed. Whoever waits for a store takes one, so that none waits for ever. */
export interface LimitedStore extends Store {
  /** There is no such field: it keeps the compiler from taking any other store. */
  readonly [limited]: true
}

/** The same store, which answers within a limit or has failed. */
export function limitedStore(store: Store, patience: Patience): LimitedStore {
  const answering: Store = {
    checksEntries: store.checksEntries ?? false,
    get: (key, onCorrupt) => waitFor(patience, 'storeMs', 'store.get', () => store.get(key, onCorrupt)),
    write: (changes) => waitFor(patience, 'storeMs', 'store.write', () => store.write(changes)),
    entries: (prefix, onCorrupt) =>
      iterateWithin(patience, 'storeMs', 'store.entries', store.entries(prefix, onCorrupt)),
    close: () => waitFor(patience, 'storeMs', 'store.close', () => store.close()),
  }
  return answering as LimitedStore
}
