import { deepStrictEqual } from 'node:assert/strict'
import {
  type Change,
  type Entry,
  type Store,
  StoreClosedError,
  checkChanges,
  compareKeys,
} from '@reliable-channels/store'
import { storeConformance } from '@reliable-channels/store/testing'

/** A store in an array that is always in order. */
function arrayStore(entries: Entry[]): Store {
  let closed = false
  const mustBeOpen = (): void => {
    if (closed) throw new StoreClosedError()
  }
  return {
    async get(key) {
      mustBeOpen()
      return entries.find((entry) => entry.key === key)?.value.slice()
    },
    async write(changes: readonly Change[]) {
      mustBeOpen()
      // All of it, or nothing.
      checkChanges(changes)
      for (const { key, value } of changes) {
        const index = entries.findIndex((entry) => entry.key === key)
        if (index >= 0) entries.splice(index, 1)
        if (value !== undefined) entries.push({ key, value })
      }
      entries.sort((a, b) => compareKeys(a.key, b.key))
    },
    async *entries(prefix) {
      mustBeOpen()
      // As they are at this moment, whatever is written meanwhile.
      for (const { key, value } of [...entries]) {
        if (!prefix.isWellFormed() || !key.startsWith(prefix)) continue
        yield { key, value: value.slice() }
        mustBeOpen()
      }
    },
    async close() {
      closed = true
    },
  }
}

const tests: (() => Promise<void>)[] = []
storeConformance({
  test: (_title, run) => tests.push(run),
  equal: deepStrictEqual,
  create: async () => {
    const entries: Entry[] = []
    return { open: () => arrayStore(entries), destroy: async () => {} }
  },
})
for (const run of tests) await run()
console.log('a store that keeps the contract')
