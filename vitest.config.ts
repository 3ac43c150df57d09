import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const conditions = ['@reliable-channels/source', 'module', 'import', 'node', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/*/{src,test,examples}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'integration/**/*.test.ts',
      'benchmarks/**/*.test.ts',
      'docs/{build,test}/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['apps/example/test/page/page-of-the-run.ts'],
    setupFiles: ['scripts/seeded-properties.ts', 'scripts/seeded-chance.ts'],
    // Much waits for browsers, processes and sockets, so that two at once are sooner done on two cores than the one by default.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // They end what hangs. A slow machine with busy neighbours takes many times as long as one of one's own.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default', './scripts/closing-line.ts'],
  },
})
