import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { HELP, UsageError, parseDemoOptions } from './options.ts'
import { formatProgress, formatResult } from './report.ts'
import { type PeerProgress, runDemo } from './run.ts'

const LOCK_FILE = fileURLToPath(new URL('../../../../pnpm-lock.yaml', import.meta.url))

/** Runs the demo with the given arguments; returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseDemoOptions(args, LOCK_FILE)
  if (options === 'help') {
    console.log(HELP)
    return 0
  }
  const bytes = await readInput(options.file)
  const showProgress = options.json ? () => {} : progressPrinter(process.stderr)
  const result = await runDemo(bytes, options, showProgress)
  console.log(options.json ? JSON.stringify(result, null, 2) : formatResult(result))
  return result.ok ? 0 : 1
}

/** Redraws one line on a terminal; elsewhere prints a line whenever another tenth is done. */
function progressPrinter(out: NodeJS.WriteStream): (parts: readonly PeerProgress[]) => void {
  let printed = -1
  return (parts) => {
    const complete = parts.every(({ done, total }) => done === total)
    const tenths = Math.floor(10 * Math.min(...parts.map(({ done, total }) => done / total)))
    if (out.isTTY) out.write(`\r${formatProgress(parts)}${complete && printed < 10 ? '\n' : ''}`)
    else if (tenths > printed) out.write(`${formatProgress(parts)}\n`)
    printed = Math.max(printed, tenths)
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
  if (!(error instanceof UsageError)) throw error
  console.error(`demo: ${error.message}`)
  process.exitCode = 2
}
