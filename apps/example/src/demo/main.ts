import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type DemoOptions, HELP, UsageError, parseDemoOptions } from './options.ts'
import { type Outcome, type PeerProgress, StartError } from './outcome.ts'
import { formatProgress, formatResult } from './report.ts'

const LOCK_FILE = fileURLToPath(new URL('../../../../pnpm-lock.yaml', import.meta.url))

const CLEAR_LINE = '\r\x1b[K'

/** Shown while a demo runs. */
interface Screen {
  progress(parts: readonly PeerProgress[]): void
  note(text: string): void
}

/** The user ended it. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  readonly exitCode: number

  constructor(exitCode: number) {
    super('interrupted')
    this.exitCode = exitCode
  }
}

/** Runs the demo with the given arguments; returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseDemoOptions(args, LOCK_FILE)
  if (options === 'help') {
    console.log(HELP)
    return 0
  }
  const bytes = await readInput(options.file)
  const screen = options.json ? { progress() {}, note() {} } : screenOn(process.stderr)
  const run = options.devnet === undefined ? simulated : overDevnet
  const { result, facts } = await run(bytes, options, screen)
  console.log(options.json ? JSON.stringify(result, null, 2) : formatResult(result, facts))
  return result.ok ? 0 : 1
}

interface Finished {
  readonly result: Outcome
  readonly facts: readonly (readonly [name: string, value: string])[]
}

async function simulated(bytes: Uint8Array, options: DemoOptions, screen: Screen): Promise<Finished> {
  const { runDemo, simulatedFacts } = await import('./run.ts')
  const result = await runDemo(bytes, options, (parts) => screen.progress(parts))
  return { result, facts: simulatedFacts(result) }
}

/** Ctrl-C closes everything; a second one ends it at once. */
async function overDevnet(bytes: Uint8Array, options: DemoOptions, screen: Screen): Promise<Finished> {
  const { devnetFacts, runOverDevnet } = await import('./devnet/run.ts')
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort(new InterruptedError(130)))
  process.once('SIGTERM', () => ending.abort(new InterruptedError(143)))
  const result = await runOverDevnet(bytes, options, {
    onProgress: (parts) => screen.progress(parts),
    onNote: (text) => screen.note(text),
    signal: ending.signal,
  })
  return { result, facts: devnetFacts(result) }
}

/** Redraws one line on a terminal; elsewhere prints a line whenever another tenth is done. */
function screenOn(out: NodeJS.WriteStream): Screen {
  let printed = -1
  return {
    progress(parts) {
      const complete = parts.every(({ done, total }) => done === total)
      const tenths = Math.floor(10 * Math.min(...parts.map(({ done, total }) => done / total)))
      if (out.isTTY) out.write(`\r${formatProgress(parts)}${complete && printed < 10 ? '\n' : ''}`)
      else if (tenths > printed) out.write(`${formatProgress(parts)}\n`)
      printed = Math.max(printed, tenths)
    },
    note(text) {
      // The line that was drawn last gives way.
      out.write(`${out.isTTY ? CLEAR_LINE : ''}${text}\n`)
    },
  }
}

async function readInput(file: string): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new UsageError(
      `cannot read ${file} (${(error as NodeJS.ErrnoException).code}): name a readable file`,
    )
  }
  if (bytes.length === 0) throw new UsageError(`${file} is empty: name a file with something in it`)
  return bytes
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) process.exitCode = 2
  else if (error instanceof StartError) process.exitCode = 1
  else if (error instanceof InterruptedError) process.exitCode = error.exitCode
  else throw error
  console.error(`${process.stderr.isTTY ? CLEAR_LINE : ''}demo: ${error.message}`)
}
