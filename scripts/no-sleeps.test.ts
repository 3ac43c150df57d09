import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT_ROOT, sourceFiles } from './project.ts'

/** Calls with which a test waits in real time. */
const WAITS = /\b(setTimeout|setInterval)\(|AbortSignal\.timeout\(|timers\/promises'/

/** Calls after which a test's time passes only when it is told to. */
const FAKES_TIME = /\b(vi\.useFakeTimers|inFakeTime)\(/

/** Tests and what they stand on. */
const isOfTests = (path: string): boolean => /\.test\.tsx?$|\/test\//.test(path)

/** These run real nodes, processes or browsers, whose time is the machine's. */
const REAL = /^(integration|apps)\/|^packages\/waku-devnet\//

/** Each with why its wait is none. */
const ALLOWED: Readonly<Record<string, string>> = {
  'packages/libp2p-tuning/src/packed.test.ts': 'next turns of the loop only (setImmediate)',
  'packages/transport-waku/test/fake-services.ts': 'the tests that use it have fake timers',
  'packages/transport-waku/test/pair.ts': 'two transports on a devnet',
}

it('no test waits in real time', () => {
  const waiting = sourceFiles(PROJECT_ROOT).filter((path) => {
    if (!isOfTests(path) || REAL.test(path) || path.startsWith('scripts/')) return false
    const source = readFileSync(join(PROJECT_ROOT, path), 'utf8')
    return WAITS.test(source) && !FAKES_TIME.test(source)
  })
  // Tests that are allowed to wait and do no more are to be taken off the list.
  expect(waiting).toEqual(Object.keys(ALLOWED))
})
