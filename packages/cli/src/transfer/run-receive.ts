import { GaveUpWaitingError, withinLimit } from '@reliable-channels/stage'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'
import type { ChatEntry } from '../member/chat-log.ts'
import { receiveParcels } from '../member/receive-parcels.ts'
import { messageText } from '../member/say-message.ts'
import { watchProgress } from '../member/watch-progress.ts'
import { type MemberCommandOptions, withMember } from '../member/with-member.ts'

/** Options of `rc receive`. */
export interface ReceiveOptions extends MemberCommandOptions {
  readonly save: string
  /** Files after which it ends. */
  readonly count?: number
  /** ms */
  readonly timeout?: number
}

/** Saves the files that come, and prints what is said, until as many came as are wanted, or for ever. */
export async function runReceive(
  channelName: string,
  options: ReceiveOptions,
  context: CommandContext,
): Promise<void> {
  const { save, count = Infinity, timeout = Infinity } = options
  const { signal } = context.host
  await withMember(channelName, options, context, async ({ member, output, closers, begin }) => {
    const finished = Promise.withResolvers<void>()
    let files = 0
    watchProgress(member, (text) => output.status(text), output)
    const reception = receiveParcels(member, {
      directory: save,
      onMessage(message: ChatEntry) {
        output.emit({ event: 'message', ...message }, messageText(message, output.style))
        if (message.kind === 'file' && ++files >= count) finished.resolve()
      },
      onError: (error) => finished.reject(error),
    })
    closers.use('what is being kept', reception)
    output.note(output.style('dim', `waiting; files are saved in ${save}; Ctrl-C ends`))
    await begin()
    try {
      await withinLimit(finished.promise, { what: 'a file', limitMs: timeout, signal })
    } catch (error) {
      // Whoever asked for no number of files ends it by Ctrl-C.
      if (signal.aborted && count === Infinity) return EXIT.ok
      if (error instanceof GaveUpWaitingError)
        throw nothingCame(files, count, timeout, member.channel.drops.undecryptable)
      throw error
    }
    return EXIT.ok
  })
}

function nothingCame(files: number, count: number, timeoutMs: number, undecryptable: number): CliError {
  const what = files === 0 ? 'no file came' : `${files} of ${count} files came`
  if (undecryptable > 0) {
    return new CliError(`${what}, and messages came that your key does not open`, {
      exitCode: EXIT.key,
      hint: 'Compare the key ids that rc shows when it begins: the others have another key, or other words.',
    })
  }
  return new CliError(`${what} within ${timeoutMs / 1000} s`, {
    exitCode: EXIT.undelivered,
    hint: 'Is somebody sending (rc send-file), on the same channel and network?',
  })
}
