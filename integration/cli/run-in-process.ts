import { PassThrough } from 'node:stream'
import { type Host, runRc } from '@reliable-channels/cli'

/** How a command ended, and what it printed. */
export interface Ran {
  readonly code: number
  /** The lines of `--json`. */
  readonly events: readonly Record<string, unknown>[]
  readonly errors: string
}

/** Runs `rc` in this process, with this on its input. */
export async function runInProcess(args: readonly string[], input = ''): Promise<Ran> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  let [out, errors] = ['', '']
  stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  stdin.end(input)
  const { signal } = new AbortController()
  const host: Host = { stdin, stdout, stderr, env: {}, signal, interrupt() {}, now: Date.now }
  const code = await runRc([...args, '--json'], host)
  const lines = out.split('\n').filter((line) => line !== '')
  return { code, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>), errors }
}
