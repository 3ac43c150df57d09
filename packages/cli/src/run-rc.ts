import { CommanderError } from 'commander'
import { type CliError, CommandLineError } from './cli-error.ts'
import { explainError } from './explain-error.ts'
import { EXIT } from './exit-codes.ts'
import type { Host } from './host.ts'
import { CLEAR_LINE, createOutput } from './output.ts'
import { createProgram } from './program.ts'
import { markBareSecrets } from './secrets/secret-options.ts'

/**
 * Runs `rc`.
 *
 * @param args - without `node` and the script
 * @returns the exit code
 * @example
 * ```ts
 * process.exitCode = await runRc(process.argv.slice(2), host)
 * ```
 */
export async function runRc(args: readonly string[], host: Host): Promise<number> {
  const ending: { code: number } = { code: EXIT.ok }
  const program = createProgram({ host, end: (code) => void (ending.code = code) })
  try {
    await program.parseAsync(markBareSecrets(args), { from: 'user' })
    return ending.code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok
      // `rc` alone, or with a command that only has others: its help was printed in the place of an error.
      if (error.code === 'commander.help') return EXIT.usage
      return tell(usageError(error), args, host)
    }
    return tell(explainError(error, host.signal), args, host)
  }
}

/** Says what went wrong on stderr, as JSON where that was asked for. */
function tell(error: CliError, args: readonly string[], host: Host): number {
  const { code, message, hint, exitCode } = error
  if (args.includes('--json')) {
    host.stderr.write(`${JSON.stringify({ event: 'error', code, message, hint, exitCode })}\n`)
    return exitCode
  }
  const { style } = createOutput({ ...host, stdout: host.stderr }, false)
  // What was drawn there gives way.
  if (host.stderr.isTTY === true) host.stderr.write(CLEAR_LINE)
  const lines = [`${style('red', 'rc:')} ${message}`, ...(hint === undefined ? [] : [`    ${hint}`])]
  host.stderr.write(`${lines.join('\n')}\n`)
  return exitCode
}

/** What commander found, without its prefix, and where to look. */
function usageError({ message, code }: CommanderError): CommandLineError {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ')
  const hint =
    code === 'commander.excessArguments'
      ? 'Secrets are written with an equals sign (--key=…), or alone to be asked for; rc --help lists the commands.'
      : 'rc --help lists the commands, rc COMMAND --help the options of one.'
  return new CommandLineError(text, hint)
}
