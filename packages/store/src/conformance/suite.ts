import { type Case, runCase } from './bench.ts'
import { closingCases } from './closing.ts'
import { modelCases } from './model.ts'
import type { StoreConformanceOptions } from './options.ts'
import { readingCases } from './reading.ts'
import { writingCases } from './writing.ts'

/**
 * Registers the tests that every {@link Store} must pass.
 *
 * @example
 * import { describe, expect, it } from 'vitest'
 *
 * storeConformance({
 *   describe,
 *   test: it,
 *   equal: (actual, expected, message) => expect(actual, message).toEqual(expected),
 *   create: async () => {
 *     const medium = new Map<string, Uint8Array>()
 *     return { open: () => memoryStore(medium), destroy: async () => {} }
 *   },
 * })
 */
export function storeConformance(options: StoreConformanceOptions): void {
  const { test, describe = (_, define) => define() } = options
  const define = (title: string, cases: readonly Case[]): void => {
    describe(title, () => {
      for (const each of cases) test(each[0], () => runCase(each, options))
    })
  }
  define('a store, writing', writingCases)
  define('a store, reading', readingCases)
  define('a store, closing', closingCases)
  define('a store, next to a model', modelCases)
}
