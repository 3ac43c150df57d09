import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type DemoOptions, HELP, UsageError, parseDemoOptions } from './options.ts'
import { type Outcome, type PeerProgress, StartError } from './outcome.ts'
import type { HeldBack } from './pace.ts'
import { formatHeldBack, formatProgress, formatResult } from './report.ts'

const LOCK_FILE = fileURLToPath(new URL('../../../../pnpm-lock.yaml', import.meta.url))

const CLEAR_LINE = '\r\x1b[K'

/** Shown while a demo runs. */
interface Screen {
  /** Called many times a second. */
  progress(parts: readonly PeerProgress[], heldBack: HeldBack | undefined): void
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
  const result = await runDemo(bytes, options, (...shown) => screen.progress(...shown))
  return { result, facts: simulatedFacts(result) }
}

/** Ctrl-C closes everything; a second one ends it at once. */
async function overDevnet(bytes: Uint8Array, options: DemoOptions, screen: Screen): Promise<Finished> {
  const { devnetFacts, runOverDevnet } = await import('./devnet/run.ts')
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort(new InterruptedError(130)))
  process.once('SIGTERM', () => ending.abort(new InterruptedError(143)))
  const result = await runOverDevnet(bytes, options, {
    onProgress: (...shown) => screen.progress(...shown),
    onNote: (text) => screen.note(text),
    signal: ending.signal,
  })
  return { result, facts: devnetFacts(result) }
}

/** Elsewhere than on a terminal something is said at least so often, ms. */
const SILENT_MS = 5_000

/**
 * Redraws one line on a terminal, with the time it has taken; elsewhere prints a line whenever another tenth is done, the
 * rate limit holds back what is left for the epoch, or nothing was said for a while.
 */
function screenOn(out: NodeJS.WriteStream): Screen {
  const startedAt = performance.now()
  let printed = -1
  let heldBackIn: number | undefined
  let saidAt = startedAt
  const say = (text: string): void => {
    saidAt = performance.now()
    out.write(`${text}\n`)
  }
  return {
    progress(parts, heldBack) {
      const complete = parts.every(({ done, total }) => done === total)
      const tenths = Math.floor(10 * Math.min(...parts.map(({ done, total }) => done / total)))
      const seconds = Math.floor((performance.now() - startedAt) / 1000)
      const waits = heldBack && formatHeldBack(heldBack, Date.now())
      const bars = formatProgress(parts)
      if (out.isTTY) {
        const more = waits ?? (seconds > 0 && !complete ? `${seconds} s` : undefined)
        if (!complete || printed < 10)
          out.write(`${CLEAR_LINE}${bars}${more === undefined ? '' : `  ${more}`}${complete ? '\n' : ''}`)
      } else {
        const isSilent = !complete && performance.now() - saidAt >= SILENT_MS
        const isNews = tenths > printed || (waits !== undefined && heldBack?.epoch !== heldBackIn)
        if (isNews || isSilent) say([bars, waits ?? (isNews ? [] : `${seconds} s`)].flat().join('  '))
        if (isNews) heldBackIn = heldBack?.epoch
      }
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
