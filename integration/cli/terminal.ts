import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { type IPty, spawn } from '@lydell/node-pty'

const BIN = fileURLToPath(new URL('../../packages/cli/src/bin.ts', import.meta.url))

/** Longest wait for something to appear, ms: a machine with busy neighbours takes its time. */
const APPEAR_MS = 120_000

/** A real pseudo-terminal in which `rc` runs, as a process of its own. Disposing ends that process, by its id. */
export class Terminal implements AsyncDisposable {
  readonly #pty: IPty
  readonly #waiting = new Set<() => void>()
  readonly #exited = Promise.withResolvers<number>()
  #output = ''
  #hasExited = false

  /** @param env - beside that of the test */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#pty = spawn(process.execPath, ['--conditions=@reliable-channels/source', BIN, ...args], {
      cols: 120,
      rows: 40,
      env: { ...process.env, NO_COLOR: '1', ...env },
    })
    this.#pty.onData((data) => {
      this.#output += data
      for (const look of this.#waiting) look()
    })
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#hasExited = true
      this.#exited.resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal)
      for (const look of this.#waiting) look()
    })
  }

  /** All that was printed, without what moves the cursor. */
  get text(): string {
    return stripVTControlCharacters(this.#output)
  }

  /** Resolves with the exit code: of a signal, 128 and its number. */
  get exitCode(): Promise<number> {
    return this.#exited.promise
  }

  /** Waits until something has appeared, at the earliest after the first `from` characters. */
  async until(pattern: RegExp, from = 0): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      if (pattern.test(this.text.slice(from))) resolve()
      else if (this.#hasExited) reject(new Error(`ended before ${pattern} appeared in\n${this.text}`))
    }
    const late = (): void => reject(new Error(`${pattern} did not appear in\n${this.text}`))
    const timer = setTimeout(late, APPEAR_MS)
    this.#waiting.add(look)
    look()
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(look)
    }
  }

  /** Types a line. */
  type(line: string): void {
    this.#pty.write(`${line}\r`)
  }

  /** Presses a key: `c` is Ctrl-C. */
  control(key: string): void {
    this.#pty.write(String.fromCharCode(key.charCodeAt(0) & 31))
  }

  /** Ends the process as the system would, which leaves it no time for anything. */
  async kill(): Promise<void> {
    if (!this.#hasExited) process.kill(this.#pty.pid, 'SIGKILL')
    await this.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
