import { isCancel, password } from '@clack/prompts'
import { CommandLineError, InterruptedError } from '../cli-error.ts'
import type { Host } from '../host.ts'

/** Asks for a secret on the terminal: nothing of it is shown, not even how long it is. */
export async function askSecret(message: string, { stdin, stderr, signal }: Host): Promise<string> {
  if (stdin.isTTY !== true) {
    const hint = 'Give it with an equals sign, as @FILE, or in RC_KEY or RC_PASSPHRASE.'
    throw new CommandLineError('there is no terminal to ask for the key on', hint)
  }
  const answer = await password({
    message: `${message} (nothing is shown while you type)`,
    mask: '',
    input: stdin,
    // Results alone go to stdout.
    output: stderr,
    signal,
    withGuide: false,
  })
  if (isCancel(answer)) throw new InterruptedError()
  return answer
}
