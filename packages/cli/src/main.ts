import { InterruptedError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'
import { runRc } from './run-rc.ts'

const ending = new AbortController()

/** The first time asks for the end; the second does not wait for it. */
function interrupt(exitCode: number): void {
  if (ending.signal.aborted) process.exit(exitCode)
  ending.abort(new InterruptedError(exitCode))
}

process.on('SIGINT', () => interrupt(EXIT.interrupted))
process.on('SIGTERM', () => interrupt(EXIT.terminated))
process.on('SIGHUP', () => interrupt(EXIT.terminated))
// Whoever read our output has left (`rc … | head`): there is nobody to tell anything.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(EXIT.failed))

/** Longest wait for what a library has left open, ms. @limit The process ends. */
const LINGER_MS = 3_000

const { stdin, stdout, stderr, env } = process
process.exitCode = await runRc(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  signal: ending.signal,
  interrupt: () => interrupt(EXIT.interrupted),
  now: Date.now,
})
// What is done is done: a socket or a disk that hangs keeps nobody waiting.
setTimeout(() => process.exit(), LINGER_MS).unref()
