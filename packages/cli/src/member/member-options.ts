import { type Command, Option } from 'commander'
import { parseDuration } from '../parse-duration.ts'
import { type SecretOptions, addSecretOptions } from '../secrets/secret-options.ts'

/** Who takes part in which channel. */
export interface MemberOptions extends SecretOptions {
  readonly name?: string
  readonly data?: string
  readonly topic?: string
  /** ms */
  readonly since: number
}

/** Adds the options of whoever takes part in a channel. */
export function addMemberOptions(command: Command): Command {
  command
    .optionsGroup('You:')
    .option(
      '--name <name>',
      'your name on the channel, another than that of the others (default: made up, or as --data has it)',
    )
    .option(
      '--data <dir>',
      'directory that keeps history, what is on its way, and your name; without it, all is forgotten at the end',
    )
  addSecretOptions(command)
  return command
    .option('--topic <topic>', "content topic (default: the channel's)")
    .addOption(
      new Option(
        '--since <time>',
        'how far back to ask the network when the channel is new to you: 90s, 10m, 12h, 2d, 0',
      )
        .argParser((text) => parseDuration('--since', text))
        .default(86_400_000, '1d'),
    )
}
