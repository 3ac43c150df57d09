import { type Command, Option } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { addMemberOptions } from '../member/member-options.ts'
import { addNetworkOptions } from '../network/network-options.ts'
import { parseDuration } from '../parse-duration.ts'
import type { SendFileOptions } from '../transfer/run-send-file.ts'

const EXAMPLES = `
  rc send-file lobby photo.jpg --sim --loss 0.4
  rc send-file lobby photo.jpg --devnet --passphrase --data ~/lobby

Ends with 0 once somebody has the file whole, with 4 when nobody had by then. With --data, the same
command goes on where it ended.`

/** `rc send-file <channel> <file>` */
export function addSendFile(program: Command, context: CommandContext): void {
  const command = program
    .command('send-file')
    .description('send a file, and wait until somebody has it')
    .argument('<channel>', 'name of the channel')
    .argument('<file>', 'file of at most 26 MB')
    .addOption(
      new Option('--timeout <time>', 'longest wait until somebody has it')
        .argParser((text) => parseDuration('--timeout', text))
        .default(600_000, '10m'),
    )
    .option('--no-wait', 'end once the network has it, whether or not somebody is there')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', EXAMPLES)
  addMemberOptions(addNetworkOptions(command)).action(
    async (channel: string, file: string, options: SendFileOptions) => {
      const { runSendFile } = await import('../transfer/run-send-file.ts')
      await runSendFile(channel, file, options, context)
    },
  )
}
