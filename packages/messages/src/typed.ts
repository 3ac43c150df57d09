import type {
  ChannelMessageReceivedEvent,
  HistoryOptions,
  HistoryPage,
  ReliableChannel,
  SendHandle,
  SendOptions,
} from '@reliable-channels/channel'
import { atCaller, createChecks, onlyNames } from '@reliable-channels/options'
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
export interface TypedChannel<In, Out = In> extends AsyncDisposable {
  /** The channel below, which carries bytes. */
  readonly channel: ReliableChannel
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
  /**
   * Values of the past, own ones included, as {@link ReliableChannel.history} has them: oldest first, in causal order.
   * Messages that are no values are left out.
   */
  history(options?: HistoryOptions): Promise<TypedHistoryPage<Out>>
  /** Closes the channel below. */
  close(): Promise<void>
  /** Lets small news ride along with letters; see {@link readReceipts}. One rider at a time. */
  carry(rider: LetterRider): LetterCarrier
}

/** A value of the past. */
export interface TypedHistoryMessage<T> extends Pick<
  TypedMessage<T>,
  'value' | 'sentAt' | 'messageId' | 'senderId'
> {}

/** A page of {@link TypedChannel.history}. */
export interface TypedHistoryPage<T> extends Pick<HistoryPage, 'before'> {
  readonly messages: readonly TypedHistoryMessage<T>[]
}

/** What was read, on its way with letters; see {@link TypedChannel.carry}. */
export interface LetterRider {
  /** Ids of messages that were read, for a letter that leaves. */
  aboard(): readonly string[]
  /** A letter has left, with those. */
  left(handle: SendHandle, read: readonly string[]): void
  /** A letter came. */
  came(letter: CarriedLetter): void
  /** One of the past, own or another's. */
  recalled(letter: CarriedLetter): void
  /** Nothing more will come. */
  ended(): void
}

/** A letter, as its rider sees it. */
export interface CarriedLetter {
  readonly messageId: string
  readonly senderId: string
  readonly read: readonly string[]
}

/** Sends what does not ride along; see {@link TypedChannel.carry}. */
export interface LetterCarrier {
  /** Sends a letter that has no value. @throws as `channel.send` does */
  send(read: readonly string[], options?: SendOptions): void
  /** Hands letters of the past to the rider, oldest first: of so many messages. */
  recall(limit: number): Promise<void>
}

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
 * `uint64 sent_at = 1` and `bytes value = 2`, and of `repeated string read = 3` with {@link readReceipts}.
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
  channel: ReliableChannel,
  codec: Codec<In, Out>,
  options: TypedOptions = {},
): TypedChannel<In, Out> {
  atCaller(typed, () => {
    check.object('channel', channel, 'a channel, as openChannel() opens it')
    check.object('codec', codec, 'an object with "encode" and "decode"')
    check.function('codec.encode', codec.encode)
    check.function('codec.decode', codec.decode)
    onlyNames(check, options, ['scheduler'])
  })
  return new Typed(channel, codec, options.scheduler ?? asyncScheduler)
}

class Typed<In, Out> implements TypedChannel<In, Out> {
  readonly channel: ReliableChannel
  readonly incoming$: Observable<TypedMessage<Out>>
  readonly undecodable$: Observable<UndecodableMessage>
  undecodable = 0
  readonly #undecodable = new Subject<UndecodableMessage>()
  readonly #codec: Codec<In, Out>
  readonly #scheduler: SchedulerLike
  #rider: LetterRider | undefined

  constructor(channel: ReliableChannel, codec: Codec<In, Out>, scheduler: SchedulerLike) {
    this.channel = channel
    this.#codec = codec
    this.#scheduler = scheduler
    this.undecodable$ = this.#undecodable.asObservable()
    this.incoming$ = channel.incoming$.pipe(
      mergeMap((message) => this.#read(message)),
      tap({ error: () => this.#ended(), complete: () => this.#ended() }),
      share(),
    )
  }

  send(value: In, options?: SendOptions): TypedSendHandle {
    return atCaller(this.send, () => this.#send(this.#codec.encode(value), options))
  }

  async history(options?: HistoryOptions): Promise<TypedHistoryPage<Out>> {
    const { messages, before } = await this.channel.history(options)
    const values = messages.flatMap(({ payload, messageId, senderId }) => {
      try {
        const { sentAt, value } = decodeLetter(payload)
        return value === undefined ? [] : [{ value: this.#codec.decode(value), sentAt, messageId, senderId }]
      } catch {
        // It was told when it came.
        return []
      }
    })
    return { messages: values, before }
  }

  close(): Promise<void> {
    return this.channel.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  carry(rider: LetterRider): LetterCarrier {
    this.#rider = rider
    return {
      send: (read, options) => {
        const letter = encodeLetter({ sentAt: this.#now(), read })
        rider.left(this.channel.send(letter, options), read)
      },
      recall: async (limit) => {
        for (const { payload, ...message } of (await this.channel.history({ limit })).messages) {
          try {
            rider.recalled({ ...message, read: decodeLetter(payload).read })
          } catch {
            // No letter: it tells of nothing that was read.
          }
        }
      },
    }
  }

  #send(value: Uint8Array, options: SendOptions | undefined): TypedSendHandle {
    const sentAt = this.#now()
    const rider = options?.ephemeral === true ? undefined : this.#rider
    const read = rider?.aboard() ?? []
    const handle = this.channel.send(encodeLetter({ sentAt, value, read }), options)
    rider?.left(handle, read)
    return Object.assign(handle, { sentAt })
  }

  /** Clocks may be finer than a ms. */
  #now(): number {
    return Math.floor(this.#scheduler.now())
  }

  #ended(): void {
    this.#undecodable.complete()
    this.#rider?.ended()
  }

  /** The value, or none. */
  #read(message: ChannelMessageReceivedEvent): readonly TypedMessage<Out>[] {
    const { type: _, payload, ...rest } = message
    try {
      const { sentAt, value, read } = letterOf(payload)
      if (!message.ephemeral) this.#rider?.came({ ...message, read })
      if (value !== undefined) return [{ ...rest, sentAt, value: decodeWith(this.#codec, value) }]
    } catch (error) {
      this.undecodable++
      this.#undecodable.next({ message, error: error as InvalidValueError })
    }
    // It would come again after each restart, and no more than so many may wait. The channel may be closed meanwhile.
    message.ack().catch(() => {})
    return []
  }
}

function letterOf(payload: Uint8Array): ReturnType<typeof decodeLetter> {
  try {
    return decodeLetter(payload)
  } catch (cause) {
    throw new InvalidValueError(`the message is none of a typed channel: ${thrownText(cause)}`, { cause })
  }
}
