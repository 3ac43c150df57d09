import { EXIT } from './exit-codes.ts'

/** An end that is none to be glad of: told in one sentence, with what to do, and no stack. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly code: string = 'ERR_CLI'
  /** See {@link EXIT}. */
  readonly exitCode: number
  /** What to do, one sentence; absent where the message says it. */
  readonly hint?: string

  constructor(
    message: string,
    { exitCode = EXIT.failed, hint, cause }: { exitCode?: number; hint?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.exitCode = exitCode
    if (hint !== undefined) this.hint = hint
  }
}

/** The command line makes no sense. */
export class CommandLineError extends CliError {
  override readonly name = 'CommandLineError'
  override readonly code = 'ERR_COMMAND_LINE'

  constructor(message: string, hint?: string) {
    super(message, { exitCode: EXIT.usage, ...(hint !== undefined && { hint }) })
  }
}

/** Somebody ended it: Ctrl-C or SIGTERM. */
export class InterruptedError extends CliError {
  override readonly name = 'InterruptedError'
  override readonly code = 'ERR_INTERRUPTED'

  constructor(exitCode: number = EXIT.interrupted) {
    super('interrupted', { exitCode })
  }
}
