import { type Command } from 'commander'
import type { ChatOptions } from '../chat/run-chat.ts'
import type { CommandContext } from '../command-context.ts'
import { addMemberOptions } from '../member/member-options.ts'
import { addNetworkOptions } from '../network/network-options.ts'
import { count } from '../parse-count.ts'

const EXAMPLES = `
  rc chat lobby --sim                                       try it, with nobody else
  rc chat lobby --devnet --name alice --passphrase          two terminals on one machine
  rc chat lobby --waku /dns4/…/wss/p2p/16Uiu2… --data ~/lobby
  echo "build is green" | rc chat lobby --devnet            ends once the network has it

What is typed is sent; /send FILE sends a file, /help lists the rest, Ctrl-D leaves. ✓ is sent, ✓✓ who
has it. With --data, what was said is there when you come back, and what was on its way goes on.`

/** `rc chat <channel>` */
export function addChat(program: Command, context: CommandContext): void {
  const command = program
    .command('chat')
    .description('talk on a channel, and send files')
    .argument('<channel>', 'name of the channel, the same for all')
    .option('--save <dir>', 'directory in which files are saved that come', 'rc-files')
    .option('--history <n>', 'messages shown of what was said before', count('--history', 0, 10_000), 20)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', EXAMPLES)
  addMemberOptions(addNetworkOptions(command)).action(async (channel: string, options: ChatOptions) => {
    const { runChat } = await import('../chat/run-chat.ts')
    await runChat(channel, options, context)
  })
}
