import { PassThrough } from 'node:stream'
import { InterruptedError } from '../src/cli-error.ts'
import type { Host } from '../src/host.ts'

/** A host whose streams are read by a test. */
export interface TestHost extends Host {
  readonly stdin: PassThrough
  readonly out: () => string
  readonly errors: () => string
  /** Both, in the order in which it was written. */
  readonly all: () => string
  /** The lines of stdout as JSON. */
  readonly events: () => Record<string, unknown>[]
}

/** Makes a host without a terminal, at a fixed time. */
export function testHost(
  env: Record<string, string> = {},
  now: () => number = () => Date.UTC(2026, 10, 29),
): TestHost {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  let [out, errors, all] = ['', '', '']
  stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    all += chunk.toString()
  })
  stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
    all += chunk.toString()
  })
  const ending = new AbortController()
  return {
    stdin,
    stdout,
    stderr,
    env,
    now,
    signal: ending.signal,
    interrupt: () => ending.abort(new InterruptedError()),
    out: () => out,
    all: () => all,
    errors: () => errors,
    events: () =>
      out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}
