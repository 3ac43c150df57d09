import { readFile } from 'node:fs/promises'
import { keyFromPassphrase } from '@reliable-channels/encryption'
import { parseHex } from '@reliable-channels/wire'
import { CommandLineError } from '../cli-error.ts'
import { whyUnreadable } from '../files/why-unreadable.ts'
import type { Host } from '../host.ts'
import { askSecret } from './ask-secret.ts'
import { ASK, type SecretOptions } from './secret-options.ts'

const HOW_TO = 'Make one with: openssl rand -hex 32'

/**
 * The key that was given, on the command line, in the environment (`RC_KEY`, `RC_PASSPHRASE`), or when asked for.
 *
 * @param channelId Salts the key of a passphrase.
 * @returns 32 bytes, or `undefined` when none was given.
 */
export async function resolveKey(
  { key, passphrase }: SecretOptions,
  channelId: string | undefined,
  host: Host,
): Promise<Uint8Array | undefined> {
  if (key !== undefined)
    return readKey(key === ASK ? await askSecret('Key (64 hexadecimal digits)', host) : key)
  if (passphrase !== undefined) {
    return stretch(passphrase === ASK ? await askSecret('Passphrase', host) : passphrase, channelId)
  }
  const { RC_KEY, RC_PASSPHRASE } = host.env
  if (RC_KEY !== undefined && RC_KEY !== '') return readKey(RC_KEY)
  if (RC_PASSPHRASE !== undefined && RC_PASSPHRASE !== '') return stretch(RC_PASSPHRASE, channelId)
  return undefined
}

/** Never tells what came: it may be nearly the key. */
async function readKey(text: string): Promise<Uint8Array> {
  const digits = text.startsWith('@') ? await readKeyFile(text.slice(1)) : text
  const key = parseHex(digits.trim().toLowerCase())
  if (key?.length === 32) return key
  throw new CommandLineError(
    `a key has 64 hexadecimal digits, and ${digits.trim().length} characters came`,
    HOW_TO,
  )
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandLineError(
      `cannot read the key file ${path}: ${whyUnreadable(error)}`,
      `${HOW_TO} > FILE`,
    )
  }
}

async function stretch(words: string, channelId: string | undefined): Promise<Uint8Array> {
  if (words === '')
    throw new CommandLineError('the passphrase is empty', 'Type some words, the same as the others.')
  if (channelId === undefined) {
    throw new CommandLineError(
      'a passphrase makes another key for each channel, and none is named',
      'Add --channel NAME.',
    )
  }
  return keyFromPassphrase(words, { salt: `reliable-channels/cli/${channelId}` })
}
