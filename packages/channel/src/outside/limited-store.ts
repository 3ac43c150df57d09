import type { Store } from '@reliable-channels/store'
import { type Patience, iterateWithin, waitFor } from './wait-limits.ts'

/** The same store, which answers within a limit or has failed. */
export function limitedStore(store: Store, patience: Patience): Store {
  return {
    get: (key) => waitFor(patience, 'storeMs', 'store.get', () => store.get(key)),
    write: (changes) => waitFor(patience, 'storeMs', 'store.write', () => store.write(changes)),
    entries: (prefix) => iterateWithin(patience, 'storeMs', 'store.entries', store.entries(prefix)),
    close: () => waitFor(patience, 'storeMs', 'store.close', () => store.close()),
  }
}
