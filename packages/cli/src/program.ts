import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { CommandContext } from './command-context.ts'
import { addChat } from './commands/chat.ts'
import { addCompletion } from './commands/completion.ts'
import { addDevnet } from './commands/devnet.ts'
import { addDoctor } from './commands/doctor.ts'
import { addInspect } from './commands/inspect.ts'
import { addReceive } from './commands/receive.ts'
import { addSendFile } from './commands/send-file.ts'

const EXIT_CODES = `
Exit codes:
  0    done
  1    something is wrong: with a frame (inspect), the network (doctor), a file
  2    the command line makes no sense
  3    no service node could be reached
  4    nobody acknowledged the message, or nothing came, in time
  5    messages come, and the key opens none of them
  6    the store under --data cannot be used
  130  ended by Ctrl-C before it was done (143 by SIGTERM)`

/** The command \`rc\` with all that it can do. */
export function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.host
  const program = new Command('rc')
    .description(
      'Reliable Channels on the command line: chat and send files over a network that loses messages, look into frames, and find out why nothing arrives.',
    )
    .version(versionOfPackage(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or the help of a command')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // What went wrong is told once, at the end, and as JSON where that was asked for.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(stdout.columns ?? 100, 100),
      getOutHasColors: () => false,
    })
  program.commandsGroup('Channels:')
  addChat(program, context)
  addSendFile(program, context)
  addReceive(program, context)
  program.commandsGroup('Networks and frames:')
  addDevnet(program, context)
  addDoctor(program, context)
  addInspect(program, context)
  addCompletion(program, context)
  return program
}

/** As `package.json` has it, which lies beside `src` and `dist`. */
function versionOfPackage(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
