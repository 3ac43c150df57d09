/** Stores that break what they promise. */
import type { Change, Store } from '@reliable-channels/store'
import type { Fault } from './protocol.ts'

const dropped: Record<Exclude<Fault, 'late-writes'>, (change: Change) => boolean> = {
  'no-quota': ({ key }) => key.startsWith('rate-limit/'),
  'no-inbox': ({ key, value }) => key.includes('/inbox/m') && value !== undefined,
  'full-inbox': ({ key, value }) => key.includes('/inbox/m') && value === undefined,
  'no-sds': ({ key }) => key.includes('/sds/log/'),
  'no-requests': ({ key, value }) => key.includes('/requests/') && value !== undefined,
  'full-requests': ({ key, value }) => key.includes('/requests/') && value === undefined,
}

/** The values that `--fault` takes. */
export const faultNames: readonly string[] = [...Object.keys(dropped), 'late-writes']

/** The store with a fault, if there is to be one. */
export function withFault(store: Store, fault: Fault | undefined): Store {
  if (fault === undefined) return store
  const pass = {
    get: (key: string) => store.get(key),
    entries: (prefix: string) => store.entries(prefix),
    close: () => store.close(),
  }
  if (fault !== 'late-writes') {
    return {
      ...pass,
      write: (changes) => store.write(changes.filter((change) => !dropped[fault](change))),
    }
  }
  let late: readonly Change[] = []
  return {
    ...pass,
    write(changes) {
      const due = late
      late = changes
      return due.length > 0 ? store.write(due) : Promise.resolve()
    },
    async close() {
      await store.write(late)
      await store.close()
    },
  }
}
