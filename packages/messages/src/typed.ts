import type {
  ChannelMessageReceivedEvent,
  ReliableChannel,
  SendHandle,
  SendOptions,
} from '@reliable-channels/channel'
import { atCaller, createChecks } from '@reliable-channels/options'
import { type Observable, type SchedulerLike, Subject, asyncScheduler, mergeMap, share, tap } from 'rxjs'
import { type Codec, InvalidValueError, decodeWith } from './codec.ts'
import { decodeLetter, encodeLetter } from './letter.ts'
import { thrownText } from './thrown-text.ts'

/** A value that a member has sent, once, in causal order. */
export interface TypedMessage<T> extends Omit<ChannelMessageReceivedEvent, 'type' | 'payload'> {
  readonly value: T
  /** When it was sent, ms since 1970, by its author's clock, which may be wrong: show it, and order by how messages come. */
  readonly sentAt: number
}

/** A value on its way, as its sender sees it. */
export interface TypedSendHandle extends SendHandle {
  /** When it was sent, ms since 1970: what receivers find in {@link TypedMessage.sentAt}. */
  readonly sentAt: number
}

/** A message that came whole, and that is no value. */
export interface UndecodableMessage {
  /** The message as it came: of another version of the application, perhaps, or of no application of this kind. */
  readonly message: ChannelMessageReceivedEvent
  readonly error: InvalidValueError
}

/** A channel that carries values. */
export interface TypedChannel<In, Out = In> {
  /** The channel below, which carries bytes. */
  readonly channel: TypedChannelBase
  /**
   * Values of the other members, as {@link ReliableChannel.incoming$} brings them; each is decoded once, however many
   * subscribe.
   */
  readonly incoming$: Observable<TypedMessage<Out>>
  /**
   * Messages that are no values, when they come while somebody subscribes to {@link TypedChannel.incoming$}. They do not
   * end or disturb it, and count as handled once this has been told. Hot; completes with it.
   */
  readonly undecodable$: Observable<UndecodableMessage>
  /** How many such messages came. */
  readonly undecodable: number
  /**
   * Sends a value to all members, as {@link ReliableChannel.send} does bytes.
   *
   * @throws InvalidValueError, or whatever the codec throws, for what is no value; and what `channel.send` throws
   */
  send(value: In, options?: SendOptions): TypedSendHandle
}

/** The part of a channel that {@link typed} needs. */
export type TypedChannelBase = Pick<
  ReliableChannel,
  'incoming$' | 'send' | 'close' | 'channelId' | 'senderId'
>

/** Options of {@link typed}. */
export interface TypedOptions {
  /** Source of time. @default asyncScheduler */
  scheduler?: SchedulerLike
}

const check = createChecks((message) => new TypeError(message))

/**
 * A channel that carries values instead of bytes, each with the time at which it was sent.
 *
 * All members must use it, with codecs that understand each other: what it sends is a Protocol Buffers message of
 * `uint64 sent_at = 1` and `bytes value = 2`.
 *
 * @example
 * ```ts
 * const chat = typed(channel, jsonCodec(z.object({ text: z.string(), replyTo: z.string().optional() })))
 * chat.incoming$.subscribe(({ value, senderId, sentAt, messageId }) => show(senderId, value.text, sentAt, messageId))
 * chat.undecodable$.subscribe(({ message, error }) => log(message.senderId, error.message))
 * const sent = chat.send({ text: 'hello' })
 * chat.send({ text: 'and this is a reply', replyTo: await sent.wrapped() })
 * ```
 */
export function typed<In, Out = In>(
  channel: TypedChannelBase,
  codec: Codec<In, Out>,
  options: TypedOptions = {},
): TypedChannel<In, Out> {
  atCaller(typed, () => {
    check.object('channel', channel, 'a channel, as openChannel() opens it')
    check.object('codec', codec, 'an object with "encode" and "decode"')
    check.function('codec.encode', codec.encode)
    check.function('codec.decode', codec.decode)
    check.names(options, ['scheduler'])
  })
  return new Typed(channel, codec, options.scheduler ?? asyncScheduler)
}

class Typed<In, Out> implements TypedChannel<In, Out> {
  readonly channel: TypedChannelBase
  readonly incoming$: Observable<TypedMessage<Out>>
  readonly undecodable$: Observable<UndecodableMessage>
  undecodable = 0
  readonly #undecodable = new Subject<UndecodableMessage>()
  readonly #codec: Codec<In, Out>
  readonly #scheduler: SchedulerLike

  constructor(channel: TypedChannelBase, codec: Codec<In, Out>, scheduler: SchedulerLike) {
    this.channel = channel
    this.#codec = codec
    this.#scheduler = scheduler
    this.undecodable$ = this.#undecodable.asObservable()
    this.incoming$ = channel.incoming$.pipe(
      mergeMap((message) => this.#read(message)),
      tap({ error: () => this.#undecodable.complete(), complete: () => this.#undecodable.complete() }),
      share(),
    )
  }

  send(value: In, options?: SendOptions): TypedSendHandle {
    return atCaller(this.send, () => {
      const sentAt = this.#scheduler.now()
      const payload = encodeLetter({ sentAt, value: this.#codec.encode(value) })
      return Object.assign(this.channel.send(payload, options), { sentAt })
    })
  }

  /** The value, or none. */
  #read(message: ChannelMessageReceivedEvent): readonly TypedMessage<Out>[] {
    const { type: _, payload, ...rest } = message
    try {
      const { sentAt, value } = letterOf(payload)
      return [{ ...rest, sentAt, value: decodeWith(this.#codec, value) }]
    } catch (error) {
      this.undecodable++
      this.#undecodable.next({ message, error: error as InvalidValueError })
      // It would come again after each restart, and no more than so many may wait. The channel may be closed meanwhile.
      message.ack().catch(() => {})
      return []
    }
  }
}

function letterOf(payload: Uint8Array): ReturnType<typeof decodeLetter> {
  try {
    return decodeLetter(payload)
  } catch (cause) {
    throw new InvalidValueError(`the message is none of a typed channel: ${thrownText(cause)}`, { cause })
  }
}
