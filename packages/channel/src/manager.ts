import { atCaller } from '@reliable-channels/options'
import { type Observable, ReplaySubject } from 'rxjs'
import { eachOf, throwAll } from './all-settled.ts'
import type { ReliableChannel } from './channel.ts'
import { checkChannelOptions } from './check-options.ts'
import { ChannelClosedError } from './closed-error.ts'
import { connectChannel } from './opening/connect-channel.ts'
import type { ChannelEvent, ChannelMessageReceivedEvent } from './events.ts'
import { onListen } from './receiving/on-listen.ts'
import type { ChannelOptions, NodeOptions, SendOptions } from './options.ts'
import { type ChannelNode, createChannelNode } from './opening/node.ts'
import type { SendHandle } from './sending/send-handle.ts'
import { EventStreams } from './streams.ts'

/** A channel with this id is open already; give each channel an id of its own, or close the other first. */
export class ChannelExistsError extends Error {
  override readonly name = 'ChannelExistsError'
  readonly code = 'ERR_CHANNEL_EXISTS'
}

/** No channel with this id is open; create it first. */
export class UnknownChannelError extends Error {
  override readonly name = 'UnknownChannelError'
  readonly code = 'ERR_UNKNOWN_CHANNEL'
}

const CLOSED_WHILE_OPENING = 'the manager was closed meanwhile'

/**
 * Owns the channels of one node: one transport, one quota, one store.
 *
 * @example
 * const manager = new ReliableChannelManager({ transport })
 * await manager.create({ channelId: 'team', contentTopic: '/app/1/team/proto', senderId: 'alice' })
 * await manager.send('team', new TextEncoder().encode('hello')).sent()
 */
export class ReliableChannelManager {
  readonly #node: ChannelNode
  /** Open channels, and those being opened, whose id is taken too. */
  readonly #channels = new Map<string, ReliableChannel | undefined>()
  readonly #openings = new Set<Promise<ReliableChannel>>()
  readonly #streams = new EventStreams()
  readonly #listened$ = new ReplaySubject<void>(1)
  #closing: Promise<void> | undefined

  /** Events of all channels; see {@link ReliableChannel.events$}. */
  readonly events$: Observable<ChannelEvent> = this.#streams.events$
  /** Messages of all channels; see {@link ReliableChannel.incoming$}. */
  readonly incoming$: Observable<ChannelMessageReceivedEvent> = onListen(this.#streams.received$, () =>
    this.#listened$.next(),
  )

  /** @throws ChannelOptionError, among them `messaging client is required` and `sendHandler is required` */
  constructor(options: NodeOptions) {
    this.#node = atCaller(ReliableChannelManager, () => createChannelNode(options))
  }

  /**
   * Opens a channel.
   *
   * @param options Options of the channel; `sendHandler` takes the place of the manager's for this channel.
   * @throws ChannelExistsError `channel already exists: <id>`
   * @throws SubscribeError `failed to subscribe to content topic: <error>`
   * @throws ChannelClosedError when the manager is closed, also before the channel is open
   * @throws ChannelOptionError, SdsOptionError, SegmentationOptionError, SegmentSizeError for options that make no sense
   */
  async create(options: ChannelOptions): Promise<ReliableChannel> {
    atCaller(this.create, () => checkChannelOptions(options))
    const { channelId } = options
    if (this.#isClosed) throw new ChannelClosedError('the manager is closed; make a new one')
    if (this.#channels.has(channelId)) throw new ChannelExistsError(`channel already exists: ${channelId}`)
    this.#channels.set(channelId, undefined)
    const opening = this.#connect(options)
    this.#openings.add(opening)
    try {
      return await opening
    } catch (error) {
      this.#channels.delete(channelId)
      throw error
    } finally {
      this.#openings.delete(opening)
    }
  }

  /** Whether a channel with this id is open. */
  exists(channelId: string): boolean {
    return this.#channels.get(channelId) !== undefined
  }

  /** The open channel with this id. */
  get(channelId: string): ReliableChannel | undefined {
    return this.#channels.get(channelId)
  }

  /** Ids of the open channels. */
  get channelIds(): string[] {
    return [...this.#channels].flatMap(([id, channel]) => (channel === undefined ? [] : [id]))
  }

  /**
   * Sends on the channel with this id, as {@link ReliableChannel.send}.
   *
   * @throws UnknownChannelError `unknown channel: <id>`
   */
  send(channelId: string, payload: Uint8Array, options?: SendOptions): SendHandle {
    return atCaller(this.send, () => this.#open(channelId).send(payload, options))
  }

  /**
   * Closes the channel with this id and forgets it.
   *
   * @throws UnknownChannelError `unknown channel: <id>`
   */
  async close(channelId: string): Promise<void> {
    await this.#open(channelId).close()
  }

  /**
   * Deletes all that the store has of a channel which is not open, whoever its owner is, in one write: for good. Messages
   * that wait to be sent, or to be acknowledged by the application, are gone with it, and opened again it is a newcomer's.
   * With `exclusive: false` nobody can know whether it is open elsewhere.
   *
   * @throws ChannelExistsError while it is open here, StoreLockedError while it is elsewhere, ChannelClosedError when the
   *   manager is closed, or what the store fails with
   */
  async forget(channelId: string): Promise<void> {
    if (this.#isClosed) throw new ChannelClosedError('the manager is closed; make a new one')
    if (this.#channels.has(channelId))
      throw new ChannelExistsError(`channel is open: ${channelId}; close it first`)
    await this.#node.forget(channelId)
  }

  /**
   * Closes every channel and the manager's rate limiter, whatever fails, within the limits of what is waited for. The
   * transport and the store are the caller's to close.
   *
   * @throws AggregateError of all that failed or did not answer within its limit; everything is closed all the same
   */
  closeAll(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const channels = await Promise.allSettled(this.channelIds.map((channelId) => this.close(channelId)))
    // The last writes of the channels come before another may take the name of the node.
    const closed = [...channels, ...(await Promise.allSettled([this.#node.close()]))]
    // Whoever opens a channel is told by now, and gives back what was taken for it.
    await Promise.allSettled(this.#openings)
    this.#streams.complete()
    throwAll(closed.flatMap((each) => (each.status === 'rejected' ? eachOf(each.reason) : [])))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.closeAll()
  }

  async #connect(options: ChannelOptions): Promise<ReliableChannel> {
    const { channelId } = options
    let channel: ReliableChannel
    try {
      channel = await connectChannel(this.#node, options, {
        event: (event) => this.#streams.emit(event),
        listened$: this.#listened$,
        closed: () => void this.#channels.delete(channelId),
      })
    } catch (cause) {
      throw this.#isClosed ? new ChannelClosedError(CLOSED_WHILE_OPENING, { cause }) : cause
    }
    if (this.#isClosed) {
      await channel.close()
      throw new ChannelClosedError(CLOSED_WHILE_OPENING)
    }
    this.#channels.set(channelId, channel)
    return channel
  }

  get #isClosed(): boolean {
    return this.#closing !== undefined
  }

  #open(channelId: string): ReliableChannel {
    const channel = this.#channels.get(channelId)
    if (channel === undefined) throw new UnknownChannelError(`unknown channel: ${channelId}`)
    return channel
  }
}
