import type { SendStatus } from '@reliable-channels/channel'
import { GaveUpWaitingError, withinLimit } from '@reliable-channels/stage'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { EXIT } from '../exit-codes.ts'
import { readFileToSend } from '../files/read-file.ts'
import { printable, sizeOf } from '../inspect/show.ts'
import { sendFile } from '../member/send-parcel.ts'
import { watchSent } from '../member/watch-sent.ts'
import { type MemberCommandOptions, withMember } from '../member/with-member.ts'
import { MAX_FILE_BYTES } from './max-file-bytes.ts'
import { progressText } from './progress-bar.ts'

/** Options of `rc send-file`. */
export interface SendFileOptions extends MemberCommandOptions {
  /** ms */
  readonly timeout: number
  readonly wait: boolean
}

/** Sends a file, and waits until somebody has it. */
export async function runSendFile(
  channelName: string,
  path: string,
  { timeout, wait, ...options }: SendFileOptions,
  context: CommandContext,
): Promise<void> {
  // Before anything is connected: a file that cannot be read is the likeliest mistake.
  const file = await readFileToSend(path, MAX_FILE_BYTES)
  await withMember(channelName, options, context, async ({ member, output, begin }) => {
    await begin()
    const sent = await sendFile(member, file)
    const { handle } = sent
    output.emit({
      event: 'sending',
      requestId: handle.requestId,
      name: file.name,
      bytes: file.bytes.length,
      sha256: file.sha256,
    })
    watchSent(sent, member, output, {
      onStatus: ({ segments }) => output.status(sendingText(file.name, segments)),
    })
    try {
      const until: Promise<unknown> = wait ? handle.delivered() : handle.sent()
      await withinLimit(until, { what: file.name, limitMs: timeout, signal: context.host.signal })
    } catch (error) {
      throw undelivered(
        error,
        member.identity.data !== undefined,
        timeout,
        member.channel.drops.undecryptable,
      )
    }
    output.status(undefined)
    const { deliveredTo, segments } = handle.status
    const to = wait ? `delivered to ${deliveredTo.map(printable).join(', ')}` : 'sent'
    output.emit(
      { event: 'done', requestId: handle.requestId, deliveredTo, segments: segments.total },
      `${printable(file.name)}, ${sizeOf(file.bytes.length)}, ${to}\nSHA-256 ${file.sha256}`,
    )
    return EXIT.ok
  })
}

function sendingText(name: string, { total, data, confirmed, acknowledged }: SendStatus['segments']): string {
  return progressText(
    printable(name),
    confirmed + acknowledged,
    total + data,
    `${confirmed} of ${total} sent, ${acknowledged} acknowledged`,
  )
}

function undelivered(error: unknown, isKept: boolean, timeoutMs: number, undecryptable: number): unknown {
  const hint = isKept
    ? 'It goes on when you start the command again with the same --data.'
    : 'Is somebody there (rc receive)? With --data the next try goes on where this one ended.'
  if (undecryptable > 0 && !(error instanceof CliError)) {
    return new CliError('nobody acknowledged the file, and messages come that your key does not open', {
      exitCode: EXIT.key,
      hint: 'Compare the key ids that rc chat shows when it begins: the others have another key, or other words.',
      cause: error,
    })
  }
  if (error instanceof GaveUpWaitingError) {
    return new CliError(`nobody acknowledged the file within ${timeoutMs / 1000} s`, {
      exitCode: EXIT.undelivered,
      hint,
      cause: error,
    })
  }
  const code = (error as { readonly code?: unknown }).code
  if (code !== 'ERR_DELIVERY_FAILED' && code !== 'ERR_SEND_FAILED') return error
  return new CliError((error as Error).message, { exitCode: EXIT.undelivered, hint, cause: error })
}
