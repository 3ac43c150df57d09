import type { Readable, Writable } from 'node:stream'

/** What a command runs on: streams, environment, clock, and the wish to end it. */
export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C, SIGTERM, or the end of the terminal, with an {@link InterruptedError} as reason. */
  readonly signal: AbortSignal
  /** Asks for the end, as Ctrl-C does. A terminal that reads keys one by one hears of Ctrl-C first. */
  readonly interrupt: () => void
  /** ms since 1970. */
  readonly now: () => number
}
