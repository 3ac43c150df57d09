import type { Envelope } from '@reliable-channels/transport'
import type { Observable } from 'rxjs'
import type { ChannelStats } from './counters.ts'
import type { Drops } from './drops.ts'
import type { ChannelEvent, ChannelMessageReceivedEvent } from './events.ts'
import type { SendOptions } from './options.ts'
import type { HistoryOptions, HistoryPage } from './receiving/history.ts'
import type { ChannelConnection } from './receiving/connection.ts'
import type { ChannelMember } from './receiving/members.ts'
import type { ChannelQuota } from './sending/quota.ts'
import type { WaitOptions } from './sending/first-within.ts'
import type { SendHandle } from './sending/send-handle.ts'

/** A message that others refer to and that has not come. */
export interface ChannelHole {
  /** Id of the SDS message that is missing: a message, or a segment of one. */
  readonly messageId: string
  /** Who has sent it, where that is known. */
  readonly senderId: string | undefined
}

/** How complete the received messages are. */
export interface ChannelHealth {
  /**
   * `offline`: the network is away, and what is said meanwhile will be asked for. `catching-up`: the network's memory is
   * asked for what was missed. `missing`: others refer to messages that have not come. `incomplete`: a part of a message is
   * here, and the rest is on its way; for as long as something comes of it (`reassembly.timeoutMs`). `synced`: nothing is
   * known to be missing. `unreadable`: frames come that no channel of this node can read, and for 15 minutes none that this
   * one can: perhaps its key is wrong.
   */
  readonly state: 'synced' | 'incomplete' | 'unreadable' | 'offline' | 'catching-up' | 'missing'
  /** Messages that others refer to and that have not come. */
  readonly missing: number
  /** The latest of them, 100 at most, which are fetched and asked for; see `missing` for how many there are. */
  readonly holes: readonly ChannelHole[]
  /** Messages of which a part is here: that are on their way, or of which nothing has come for a while and the rest may yet. */
  readonly incomplete: number
  /**
   * What was said until then is here, as far as anybody's words tell, but for what is `lost`, and for what is `incomplete`
   * and does not go on; ms since 1970. While `synced` it is the time of this report. Else it is when the newest message was
   * sent, by its timestamp, all before which is here; 0 where there is none.
   */
  readonly completeUntil: number
  /** Messages given up as lost and not seen since. */
  readonly lost: number
  /**
   * Frames that no channel of this node could read, since the last one that this one could; absent when there are none, or
   * while others are heard. It changes with each frame: that alone is no reason to tell the health again.
   */
  readonly unreadable?: number
}

/** A message that was handed to the network. */
export interface DispatchedMessage {
  readonly envelope: Envelope
  /** Id of the SDS message that it carries. */
  readonly messageId: string
  /** `content`: a segment of a request; the rest is SDS's own traffic. */
  readonly kind: 'content' | 'retransmission' | 'repair' | 'sync'
}

/**
 * One member's end of a channel: bytes go in, and every other member gets exactly those bytes, once, in causal order.
 * Made by {@link openChannel} or {@link ReliableChannelManager.create}.
 */
export interface ReliableChannel {
  readonly channelId: string
  readonly contentTopic: string
  readonly senderId: string
  /**
   * Messages of the other members. Completes with {@link ReliableChannel.close}.
   *
   * Messages that come before anybody has subscribed, here or to its manager's, wait for the first
   * subscriber: the latest `maxUnacknowledged` messages, `maxHeldBytes` in all. From then on it is hot.
   */
  readonly incoming$: Observable<ChannelMessageReceivedEvent>
  /** Each message that is handed to the network. Hot. */
  readonly outgoing$: Observable<DispatchedMessage>
  /** All events of the channel, messages included. Hot; subscribing here does not start the delivery of messages. */
  readonly events$: Observable<ChannelEvent>
  /** Whether messages can flow, and what is wrong while they cannot: its latest value, then each change, until it is closed. */
  readonly connection$: Observable<ChannelConnection>
  /**
   * Its latest value, then each change, until it is closed: another state at once, other counts and holes four times a second
   * at most.
   */
  readonly health$: Observable<ChannelHealth>
  /**
   * Other members, by what was heard of them: no message is sent for it. Its latest value, then each change, until the
   * channel is closed.
   */
  readonly members$: Observable<readonly ChannelMember[]>
  /** The node's quota, all channels together: its latest value, then each change, until the channel is closed. */
  readonly quota$: Observable<ChannelQuota>
  /** Each message that {@link ReliableChannel.send} takes in, with its handle: for whoever watches. Hot. */
  readonly sending$: Observable<SendHandle>
  /** How often something was dropped or refused, by reason. */
  readonly drops: Drops
  /**
   * What the channel has done since it was opened, and what waits in it now: a copy, made when it is asked for. Counting costs
   * an addition for each thing that happens.
   *
   * @example
   * ```ts
   * const { out, messages, waiting } = channel.stats()
   * console.log(out.content + out.retransmission, messages.received, waiting.unacknowledgedBytes)
   * ```
   */
  stats(): ChannelStats
  /** Open requests: those that a restart brought back, in no order, then the others, oldest first. */
  readonly requests: readonly SendHandle[]
  /** The handle of a request that is open, or is over and among the latest 1,000 messages. */
  request(requestId: string): SendHandle | undefined
  /**
   * Which members have all of an own message: now, and whenever that changes, also after it was delivered and its request
   * is over. Of the latest 1,000 messages; nobody is known of others. It completes when the message is forgotten, taken back
   * or the channel closed.
   *
   * Who it is heard of depends on `receipts` in the options.
   *
   * @param id The `requestId` of the message, or its `messageId`, once it is wrapped.
   */
  receipts(id: string): Observable<readonly string[]>
  /**
   * Sends a message to all members.
   *
   * Returns at once; the handle tells what becomes of it. The bytes are copied.
   *
   * @throws EmptyPayloadError `empty payload`
   * @throws ChannelOptionError when the payload is no `Uint8Array` (a `Buffer` is one), or an option makes no sense
   * @throws PayloadTooLargeError when it does not fit in 256 segments; the message names what would
   * @throws QueueFullError when too much is open; see {@link ReliableChannel.ready}
   * @throws ChannelClosedError after {@link ReliableChannel.close}
   */
  send(payload: Uint8Array, options?: SendOptions): SendHandle
  /**
   * A page of what was said, own messages included, oldest first and in causal order: of what the channel remembers, with a
   * store across restarts (`sds.maxHistory`, `sds.maxHistoryBytes`), and not of ephemeral messages. With `network: true` it
   * goes on in the network's memory, where the transport can ask it.
   *
   * @example
   * ```ts
   * const latest = await channel.history({ limit: 20 })
   * const earlier = latest.before && (await channel.history({ before: latest.before, limit: 20 }))
   * ```
   * @throws ChannelOptionError
   */
  history(options?: HistoryOptions): Promise<HistoryPage>
  /**
   * Resolves when there is room for one more message, in the queue, in the rate limit and in what SDS holds
   * unacknowledged: who sends one after each `ready()`, alone, never finds the queue full.
   *
   * @param bytes Size of the payload that is to come. Without it, there is room for the largest there may be.
   * @throws PayloadTooLargeError, ChannelOptionError, ChannelClosedError, the reason of the signal
   */
  ready(bytes?: number, options?: WaitOptions): Promise<void>
  /**
   * Ends every timer and subscription, fails what is open, acknowledges what was received, waits until the store has
   * everything. It does not wait for what is on its way: await {@link SendHandle.sent} or `delivered` before, or open
   * again with the same store. Transport and store stay open. Closing twice is allowed.
   *
   * The acknowledgement is one message, if one is owed, the network is there and the rate limit lets it through at once.
   * Closing waits until `transport.send` has taken it, 2 s at most.
   *
   * @throws AggregateError of all that failed or did not answer within its limit; the channel is closed all the same. That the
   *   topic could not be left is no failure: it is left to the transport.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
