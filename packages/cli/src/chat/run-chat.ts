import type { SendStatus } from '@reliable-channels/channel'
import { withinLimit } from '@reliable-channels/stage'
import { firstValueFrom } from 'rxjs'
import { agoText } from '../ago-text.ts'
import type { CommandContext } from '../command-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { readFileToSend } from '../files/read-file.ts'
import { printable } from '../inspect/show.ts'
import { MAX_FILE_BYTES } from '../transfer/max-file-bytes.ts'
import type { ChatEntry } from '../member/chat-log.ts'
import { messageText } from '../member/say-message.ts'
import { receiveParcels } from '../member/receive-parcels.ts'
import { type SentParcel, openParcels, sendFile, sendText } from '../member/send-parcel.ts'
import { watchProgress } from '../member/watch-progress.ts'
import { watchSent } from '../member/watch-sent.ts'
import { type MemberCommandOptions, type Participation, withMember } from '../member/with-member.ts'
import { type ChatScreen, liveScreen, plainScreen } from './chat-screen.ts'
import { type ChatLine, CHAT_HELP, parseLine } from './parse-line.ts'

/** Options of `rc chat`. */
export interface ChatOptions extends MemberCommandOptions {
  readonly save: string
  readonly history: number
}

/** Longest wait until the network has what a pipe said, ms. @limit The command ends with 4. */
const SENT_MS = 60_000

/** Talks on a channel until the end of the input. */
export async function runChat(
  channelName: string,
  options: ChatOptions,
  context: CommandContext,
): Promise<void> {
  const { host } = context
  await withMember(channelName, options, context, async (participation) => {
    const { member, output } = participation
    const isLive = output.isLive && host.stdin.isTTY === true
    using screen = isLive
      ? liveScreen(host, member.identity.name)
      : plainScreen(host, (line) => host.stdout.write(`${line}\n`))
    output.through(screen.print)
    const chat = new Chat(participation, screen, options)
    chat.begin()
    await participation.begin()
    for await (const line of screen.lines) await chat.take(parseLine(line))
    output.through(undefined)
    const undone = await chat.end(isLive || host.signal.aborted)
    return undone === 0 ? EXIT.ok : EXIT.undelivered
  })
}

/** A conversation under way. */
class Chat {
  readonly #participation: Participation
  readonly #screen: ChatScreen
  readonly #options: ChatOptions
  readonly #sent: SentParcel[] = []

  constructor(participation: Participation, screen: ChatScreen, options: ChatOptions) {
    this.#participation = participation
    this.#screen = screen
    this.#options = options
  }

  /** Shows what was said before, follows what is on its way, and listens. */
  begin(): void {
    const { member, output, closers } = this.#participation
    for (const message of member.log.latest(this.#options.history)) this.#tell(message, 'history')
    for (const sent of openParcels(member)) this.#follow(sent)
    watchProgress(member, (text) => this.#screen.show(text), output)
    const reception = receiveParcels(member, {
      directory: this.#options.save,
      onMessage: (message) => this.#tell(message, 'message'),
      onError: (error) => this.#complain(error),
    })
    closers.use('what is being kept', reception)
    output.note(output.style('dim', 'type to talk, /send FILE, /help; Ctrl-D leaves'))
  }

  /** Does what a line says. */
  async take(line: ChatLine): Promise<void> {
    const { member, output } = this.#participation
    try {
      if (line.kind === 'text') {
        if (line.text !== '') this.#follow(await sendText(member, line.text))
      } else if (line.kind === 'send') {
        this.#follow(await sendFile(member, await readFileToSend(line.path, MAX_FILE_BYTES)))
      } else if (line.kind === 'who') {
        const members = await firstValueFrom(member.channel.members$)
        const names = members.map(({ senderId, lastHeardAt, state }) => {
          const isBehind = state === 'behind' ? ', lacks something' : ''
          return `${printable(senderId)} (${agoText(lastHeardAt, Date.now())}${isBehind})`
        })
        output.note(names.length === 0 ? 'nobody was heard yet' : `heard: ${names.join(', ')}`)
      } else if (line.kind === 'quit') this.#participation.leave()
      else output.note(line.kind === 'help' ? CHAT_HELP : line.problem)
    } catch (error) {
      this.#complain(error)
    }
  }

  /**
   * Says what is left undone.
   *
   * @returns How many messages the network does not have.
   */
  async end(isLeaving: boolean): Promise<number> {
    const { member, output } = this.#participation
    if (!isLeaving) {
      const all = Promise.allSettled(this.#sent.map(({ handle }) => handle.sent()))
      await withinLimit(all, { what: 'sending', limitMs: SENT_MS }).catch(() => {})
    }
    const open = this.#sent.filter(({ handle: { status } }) => status.deliveredTo.length === 0)
    const unsent = open.filter(
      ({ handle: { status } }) => status.state === 'queued' || status.state === 'sending',
    )
    if (open.length > 0) {
      const what = open.length === 1 ? 'one message was' : `${open.length} messages were`
      const then = member.identity.data === undefined ? '' : ': it goes on when you come back'
      output.note(output.style('dim', `${what} not acknowledged yet${then}`))
    }
    return unsent.length
  }

  #tell(message: ChatEntry, event: 'history' | 'message'): void {
    const { output } = this.#participation
    output.emit({ event, ...message }, messageText(message, output.style))
  }

  #follow(sent: SentParcel): void {
    const { member, output } = this.#participation
    this.#sent.push(sent)
    watchSent(sent, member, output, {
      onStatus: ({ state, segments }) => {
        if (segments.total > 1) this.#screen.show(progressOf(sent.message, segments))
        if (state !== 'delivery-failed') return
        output.note(output.style('yellow', `! nobody has acknowledged ${quoted(sent.message)}`))
      },
      onReceipts: (names) =>
        output.note(output.style('dim', `✓✓ ${names.map(printable).join(', ')}: ${quoted(sent.message)}`)),
    })
  }

  #complain(error: unknown): void {
    const { output } = this.#participation
    const message = error instanceof Error ? error.message : String(error)
    const hint = error instanceof CliError && error.hint !== undefined ? ` ${error.hint}` : ''
    output.emit({ event: 'warning', code: 'failed', message }, output.style('red', `✗ ${message}.${hint}`))
  }
}

const quoted = ({ text }: ChatEntry): string => {
  const clean = printable(text.replaceAll(/\s+/g, ' '))
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean
}

/** How far a message of several segments is; nothing once it has arrived. */
function progressOf(
  { text }: ChatEntry,
  { total, data, confirmed, acknowledged }: SendStatus['segments'],
): string | undefined {
  const percent = Math.floor((100 * (confirmed + acknowledged)) / (total + data))
  return acknowledged < data ? `[${printable(text)} ${percent} %]` : undefined
}
