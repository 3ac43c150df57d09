import { type Command, Option } from 'commander'
import type { CommandContext } from '../command-context.ts'
import type { DoctorOptions } from '../doctor/run-doctor.ts'
import { addNetworkOptions } from '../network/network-options.ts'
import { parseDuration } from '../parse-duration.ts'
import { addSecretOptions } from '../secrets/secret-options.ts'

const EXAMPLES = `
  rc doctor --waku /dns4/…/wss/p2p/16Uiu2…         is the network there, and does it deliver?
  rc doctor lobby --devnet --passphrase            is the key right, and who is there?

It sends one message to nobody, and none to the channel. Ends with 0 if all works, 3 if nobody can be
reached, 5 if the key opens nothing, 1 if something else does not work.`

/** `rc doctor [channel]` */
export function addDoctor(program: Command, context: CommandContext): void {
  const time = (option: string) => (text: string) => parseDuration(option, text)
  const command = program
    .command('doctor')
    .description('find out why nothing arrives: network, clock, key, members')
    .argument('[channel]', 'name of a channel, to look at its key and members too')
    .addOption(
      new Option('--listen <time>', 'how long to listen on the channel')
        .argParser(time('--listen'))
        .default(5_000, '5s'),
    )
    .addOption(
      new Option('--since <time>', 'how far back to look for members')
        .argParser(time('--since'))
        .default(3_600_000, '1h'),
    )
    .option('--topic <topic>', "content topic (default: the channel's)")
    .option('--json', 'one JSON object a line')
    .addHelpText('after', EXAMPLES)
  addSecretOptions(addNetworkOptions(command).optionsGroup('Key:')).action(
    async (channel: string | undefined, options: DoctorOptions) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts')
      await runDoctor(channel, options, context)
    },
  )
}
