import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process that runs `child.ts`. */
export interface Child {
  readonly process: ChildProcess
  /** Its output, line by line. */
  readonly lines: AsyncIterable<string>
  /** Resolves with the exit code, or the signal that killed it. */
  readonly ended: Promise<number | string>
}

/** Starts a job of `child.ts`, perhaps under another command, such as one that sets limits. */
export function startChild(args: readonly string[], under: readonly string[] = []): Child {
  const script = fileURLToPath(new URL('./child.ts', import.meta.url))
  const [command, ...rest] = [
    ...under,
    process.execPath,
    '--conditions=@reliable-channels/source',
    script,
    ...args,
  ]
  const child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return { process: child, lines: createInterface({ input: child.stdout }), ended }
}
