import { deepStrictEqual } from 'node:assert/strict'
import { memoryStore } from '@reliable-channels/store'
import { storeConformance } from '@reliable-channels/store/testing'

// Any runner will do; this one is two lines. Vitest: `test: it, equal: (a, b, text) => expect(a, text).toEqual(b)`.
// node:test: `test, equal: deepStrictEqual`.
const tests: (() => Promise<void>)[] = []
storeConformance({
  test: (_title, run) => tests.push(run),
  equal: deepStrictEqual,
  create: async () => {
    const medium = new Map<string, Uint8Array>()
    return { open: () => memoryStore(medium), destroy: async () => {} }
  },
})
for (const run of tests) await run()
console.log('a store that keeps the contract')
