import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { createOutput } from '../output.ts'
import { type SecretOptions, addSecretOptions } from '../secrets/secret-options.ts'

interface InspectCommandOptions extends SecretOptions {
  readonly channel?: string
  readonly topic?: string
  readonly json?: boolean
}

const EXAMPLES = `
A frame is a Waku message, what a cipher sealed, an SDS message of either dialect, or a segment of
either dialect; each layer is shown field by field, with what is wrong with it. With a key, and the
channel and topic that it is bound to, a sealed frame is opened.

  rc inspect 0a026d311081c3bbc20622096368616e6e656c2d31
  rc inspect frame.bin --channel lobby --passphrase
  xxd -p frame.bin | rc inspect - --json

Ends with 1 when a receiver would drop the frame.`

/** `rc inspect <hex|file>` */
export function addInspect(program: Command, { host, end }: CommandContext): void {
  const command = program
    .command('inspect')
    .description('show what is in a frame, field by field, and what is wrong with it')
    .argument('<frame>', 'hexadecimal digits, a file of them, a file of the bytes themselves, or - for stdin')
    .option('--channel <name>', 'channel that it should be of')
    .option('--topic <topic>', "content topic that it came on; default: the channel's")
    .option('--json', 'one JSON object a line')
    .addHelpText('after', EXAMPLES)
  addSecretOptions(command).action(async (frame: string, options: InspectCommandOptions) => {
    const { runInspect } = await import('../inspect/run-inspect.ts')
    end(await runInspect(frame, options, host, createOutput(host, options.json === true)))
  })
}
