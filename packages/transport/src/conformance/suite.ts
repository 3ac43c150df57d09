import { createBench } from './bench.ts'
import { connectionCases } from './connection.ts'
import { fetchCases, historyCases } from './memory.ts'
import type { TransportConformanceOptions } from './options.ts'
import { receivingCases } from './receiving.ts'
import { type Case, sendingCases } from './sending.ts'

/**
 * Registers the tests that every {@link Transport} must pass.
 *
 * @example
 * import { describe, expect, it } from 'vitest'
 *
 * transportConformance({
 *   describe,
 *   test: it,
 *   equal: (actual, expected, message) => expect(actual, message).toEqual(expected),
 *   create: async () => {
 *     const network = myNetwork()
 *     return { a: network.peer('a'), b: network.peer('b'), settle: () => delay(100), close: () => network.close() }
 *   },
 * })
 */
export function transportConformance(options: TransportConformanceOptions): void {
  const { test, create, equal, describe = (_, define) => define() } = options
  const { fetch = true, history = true } = options.features ?? {}

  const declared: Case = [
    'has the optional methods that it was declared to have',
    async ({ a, b }) => {
      for (const transport of [a, b]) {
        equal(
          { fetch: transport.fetch !== undefined, history: transport.history !== undefined },
          { fetch, history },
          'optional methods',
        )
      }
    },
  ]

  const define = (title: string, cases: readonly Case[]): void => {
    describe(title, () => {
      for (const [name, run] of cases) {
        test(name, async () => {
          const pair = await create()
          try {
            await run(createBench(pair, options))
          } finally {
            await pair.close()
          }
        })
      }
    })
  }
  define('a transport, sending', sendingCases)
  define('a transport, receiving', receivingCases)
  define('a transport and its connection', [declared, ...connectionCases])
  if (history) define('a transport with history', historyCases)
  if (fetch) define('a transport with fetch', fetchCases)
}
