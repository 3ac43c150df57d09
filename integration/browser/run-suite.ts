/** How one test of a conformance suite ended. */
export interface TestResult {
  readonly title: string
  readonly error?: string
}

/** A test runner for pages. */
export interface Runner {
  readonly test: (title: string, run: () => Promise<void>) => void
  /** Deep equality of what suites compare: plain data. */
  readonly equal: (actual: unknown, expected: unknown, message?: string) => void
  /** Runs what was registered, one after the other. */
  run(): Promise<TestResult[]>
}

const text = (value: unknown): string => JSON.stringify(value, (_, each: unknown) => each ?? 'nothing')

/** Makes a runner that a conformance suite can be registered with in a page. */
export function createRunner(): Runner {
  const tests: [string, () => Promise<void>][] = []
  return {
    test: (title, run) => void tests.push([title, run]),
    equal(actual, expected, message = '') {
      if (text(actual) !== text(expected)) {
        throw new Error(`${message}: expected ${text(expected)}, got ${text(actual)}`)
      }
    },
    async run() {
      const results: TestResult[] = []
      for (const [title, run] of tests) {
        try {
          await run()
          results.push({ title })
        } catch (error) {
          results.push({ title, error: String(error) })
        }
      }
      return results
    },
  }
}
