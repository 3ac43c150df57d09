import { type Command, Option } from 'commander'

/** Stands for a secret that is asked for. */
export const ASK = '?'

/** A secret on the command line: `--key=HEX`, or `--key` alone to be asked for it. */
export interface SecretOptions {
  readonly key?: string
  readonly passphrase?: string
}

/** Adds `--key` and `--passphrase`. */
export function addSecretOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--key [=hex]',
        'common key, 64 hexadecimal digits; @FILE reads it; alone: asked for',
      ).conflicts('passphrase'),
    )
    .addOption(new Option('--passphrase [=words]', 'words to make the key of; alone: asked for, never shown'))
}

/**
 * The same arguments, with secrets that have no value marked as asked for: `--key lobby` asks for a key and takes `lobby`
 * for the channel. A key of 64 digits that follows belongs to it.
 */
export function markBareSecrets(args: readonly string[]): string[] {
  const marked: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg === '--') return [...marked, ...args.slice(i)]
    const next = args[i + 1]
    if (arg === '--key' && next !== undefined && /^([\da-f]{64}|@.+)$/i.test(next)) {
      marked.push(`--key=${next}`)
      i++
    } else marked.push(arg === '--key' || arg === '--passphrase' ? `${arg}=${ASK}` : arg)
  }
  return marked
}
