import { type ChildProcess, spawn } from 'node:child_process'
import { plainEnvironment } from '../packed-examples.ts'

/** A command that failed, with all that is needed to run it again. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string
  /** Longest run, ms. @limit The command and all that it started are ended, and it has failed. */
  readonly limitMs: number
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a command printed. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
}

/** Lines of what a failing command printed that are shown. */
const SHOWN_LINES = 30

const running = new Set<ChildProcess>()

/**
 * Runs a command as somebody would in a plain shell, and leaves no process behind: whatever it started ends with it.
 *
 * @throws CommandError when it ends badly or takes longer than its limit.
 */
export function runCommand(
  [command, ...parameters]: readonly string[],
  { cwd, limitMs, env = {} }: CommandOptions,
): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const child = spawn(command!, parameters, {
      cwd,
      env: { ...plainEnvironment(), CI: 'true', NO_COLOR: '1', TURBO_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that it can be ended as a whole.
      detached: true,
    })
    running.add(child)
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (printed[name] += text))
    }
    let isLate = false
    const limit = setTimeout(() => {
      isLate = true
      endGroup(child)
    }, limitMs)
    const fail = (why: string): void => {
      const tail = `${printed.stdout}${printed.stderr}`.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n')
      reject(
        new CommandError(`cd ${cwd} && ${[command, ...parameters].join(' ')}\n${why}\n${tail}`.trimEnd()),
      )
    }
    child.on('error', (error) => {
      clearTimeout(limit)
      running.delete(child)
      fail(error.message)
    })
    // What it started may hold its output open: when it has ended, so do they.
    child.on('exit', () => endGroup(child))
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      running.delete(child)
      if (isLate) fail(`did not end within ${limitMs / 1000} s`)
      else if (code === 0) resolve(printed)
      else fail(`ended with ${signal ?? `exit code ${code}`}`)
    })
  })
}

/** Ends whatever still runs. */
export function endAll(): void {
  for (const child of running) endGroup(child)
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}
