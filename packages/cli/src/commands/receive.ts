import { type Command, Option } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { addMemberOptions } from '../member/member-options.ts'
import { addNetworkOptions } from '../network/network-options.ts'
import { count } from '../parse-count.ts'
import { parseDuration } from '../parse-duration.ts'
import type { ReceiveOptions } from '../transfer/run-receive.ts'

const EXAMPLES = `
  rc receive lobby --sim --count 1
  rc receive lobby --devnet --passphrase --save ~/Downloads --data ~/lobby

A file is saved whole or not at all, never over another, and under a name that is safe. With --data,
what came half before an end comes to its end the next time.`

/** `rc receive <channel>` */
export function addReceive(program: Command, context: CommandContext): void {
  const command = program
    .command('receive')
    .description('save the files that come, and print what is said')
    .argument('<channel>', 'name of the channel')
    .option('--save <dir>', 'directory in which files are saved', '.')
    .option('--count <n>', 'files after which it ends (default: at Ctrl-C)', count('--count', 1, 1_000_000))
    .addOption(
      new Option('--timeout <time>', 'longest wait for them (default: for ever)').argParser((text) =>
        parseDuration('--timeout', text),
      ),
    )
    .option('--json', 'one JSON object a line')
    .addHelpText('after', EXAMPLES)
  addMemberOptions(addNetworkOptions(command)).action(async (channel: string, options: ReceiveOptions) => {
    const { runReceive } = await import('../transfer/run-receive.ts')
    await runReceive(channel, options, context)
  })
}
