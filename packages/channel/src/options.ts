import type { Cipher } from '@reliable-channels/encryption'
import type { RateLimiter, RateLimiterOptions } from '@reliable-channels/rate-limit'
import type { ParticipantOptions } from '@reliable-channels/sds'
import type { ReassemblerOptions } from '@reliable-channels/segmentation'
import type { ExclusiveOptions, Store } from '@reliable-channels/store'
import type { Transport } from '@reliable-channels/transport'
import type { SchedulerLike } from 'rxjs'
import type { SendHandler } from './pipeline/dispatch.ts'
import type { WaitLimits } from './outside/wait-limits.ts'
import type { Profile } from './profiles.ts'

/** Options that all channels of a node share. */
export interface NodeOptions {
  /** The network. */
  transport: Transport
  /** Hands envelopes to the network. @default transport.send */
  sendHandler?: SendHandler
  /**
   * The node's quota, shared by its channels: a limiter, or the options of one.
   * @default none: everything leaves at once
   */
  rateLimit?: RateLimiter | Omit<RateLimiterOptions, 'scheduler'>
  /** Where channels keep what must survive a restart, and the limiter what it used. @default nowhere */
  store?: Store
  /**
   * How it is seen to that a store has one who writes to it. By default a channel that is open on the store already, in this
   * process or, where there are Web Locks, in another tab or worker of the origin, is not opened again
   * (`ERR_STORE_LOCKED`), whatever object leads to the store.
   *
   * A name is held by this node, and for all its channels, from the first of them until it is closed, among all tabs of the
   * origin. Another tab is told, or waits with `{ name, wait: true }`.
   *
   * `false`: nothing is looked at but whether it is the very same object. Two that share a store lose nothing that they
   * accepted, but neither knows of the other.
   * @default each channel of the store, by Web Locks where there are any
   */
  exclusive?: string | (ExclusiveOptions & { readonly name: string }) | false
  /** How long it is waited for what the store, the transport, locks and ciphers promise. */
  limits?: WaitLimits
  /** Source of time and timers. @default asyncScheduler */
  scheduler?: SchedulerLike
  /** Random bytes for request and message ids. @default crypto.getRandomValues */
  randomBytes?: (length: number) => Uint8Array
}

/** SDS options that a channel lets its owner set; the others follow from the channel. */
export type ChannelSdsOptions = Partial<
  Omit<
    ParticipantOptions,
    | 'participantId'
    | 'channelId'
    | 'dialect'
    | 'scheduler'
    | 'unitOfWork'
    | 'keyPrefix'
    | 'write'
    | 'writer'
    | 'restore'
    | 'random'
    | 'losses'
    | 'retrievalHint'
    | 'mayGive'
    | 'dispatch'
    | 'contents'
    | 'encoding'
    | 'acknowledge'
    | 'paceMs'
    | 'epochMs'
  >
>

/** Reassembly options that a channel lets its owner set. */
export type ChannelReassemblyOptions = Partial<
  Omit<
    ReassemblerOptions,
    'scheduler' | 'unitOfWork' | 'keyPrefix' | 'write' | 'writer' | 'restore' | 'causalHistoryLength'
  >
>

/** Options of one channel. */
export interface ChannelOptions {
  /** Name of the channel, the same for all members; at most 256 bytes of UTF-8. */
  channelId: string
  /** Content topic, the same for all members (23/WAKU2-TOPICS). */
  contentTopic: string
  /** This member's id: different for each member, and kept between sessions. At most 256 bytes of UTF-8. */
  senderId: string
  /** The wire format that the members have agreed on. @default lip */
  profile?: Profile
  /** Seals what goes out and opens what comes in. @default none(), plaintext */
  cipher?: Cipher
  /** How much the cipher covers. @default the profile's: envelope */
  placement?: 'envelope' | 'content'
  /**
   * Largest encoded segment, bytes; at least 192.
   * @limit A longer payload travels in several segments, 256 at most; for a longer one `send` throws.
   * @default 102_400
   */
  segmentSizeBytes?: number
  /** Parity segments for each data segment; 0 turns parity off. @default 0 */
  parityRate?: number
  /** Takes the place of the manager's `sendHandler` for this channel. */
  sendHandler?: SendHandler
  /**
   * How far back to ask the network's memory when the channel is opened for the first time, ms. Later it asks from where
   * it left off.
   * @limit What is older is not asked for.
   * @default 0
   */
  historyMs?: number
  /**
   * Who says that he has a message. `'first'`: one member acknowledges each, which makes it delivered, and the others let
   * it be seen in what they say next. `'all'`: this member acknowledges each message that it receives, whoever else does,
   * for one small message more (which acknowledges all that came within 0.1 to 0.75 s, or an epoch where the quota is
   * tight); who has its own messages survives a restart, of the latest 1,000; and who is there and has not acknowledged one
   * of them that another has is reminded by a copy of it, after a second or two. Set it for every member that is to say so.
   * @default 'first'
   */
  receipts?: 'first' | 'all'
  /** Options of SDS. */
  sds?: ChannelSdsOptions
  /** Options of reassembly. */
  reassembly?: ChannelReassemblyOptions
  /**
   * When a received message is done with, so that it does not come again after a restart (with a `store`):
   * `automatic`ally when the handlers on `incoming$` have returned, or when its `ack()` is called. Unacknowledged ones
   * come again after a restart, in order, flagged `redelivered`.
   * @default 'automatic'
   */
  consume?: 'automatic' | 'acknowledged'
  /**
   * With automatic consumption: messages that wait for somebody to listen for the first time.
   *
   * With acknowledged consumption: messages handed out and not acknowledged.
   * @limit Automatic: the oldest is forgotten, which a diagnostic tells (`unheard`). Acknowledged: further ones wait,
   * which a diagnostic tells (`unacknowledged-limit`); when ten times as many are held, what the network brings is
   * turned away, as if it had been lost, and counted as `inbox-full`.
   * @default 1_000
   */
  maxUnacknowledged?: number
  /**
   * Payload bytes of messages that the application is not done with.
   * @limit Automatic: the oldest is forgotten, while nobody has listened. Else what the network brings is turned away,
   * as if it had been lost, and counted as `inbox-full`.
   * @default 67_108_864 (64 MiB)
   */
  maxHeldBytes?: number
  /**
   * Requests whose dispatch is not over.
   * @limit `send` throws {@link QueueFullError}; `ready()` waits for room.
   * @default 1_000
   */
  maxOpenRequests?: number
  /**
   * Payload bytes of such requests.
   * @limit `send` throws {@link QueueFullError}, unless no other is open; `ready()` waits for room.
   * @default 67_108_864 (64 MiB)
   */
  maxOpenBytes?: number
  /** Calls of the send handler under way at once. @limit Further messages wait, in order. @default 8 */
  maxConcurrentSends?: number
  /**
   * Time for the send handler, and then for the outcome of the message, ms.
   * @limit Its dispatch has failed, uncertainly, and is left to retransmission; an outcome that comes later counts still.
   * @default 60_000, or what the transport may take and 5 s more
   */
  dispatchTimeoutMs?: number
  /** Ends the opening, which then rejects with its reason. It does nothing once the channel is open. */
  signal?: AbortSignal
}

/** Options of one message. */
export interface SendOptions {
  /** Not kept by the network, not tracked: sent once, acknowledged by nobody. @default false */
  ephemeral?: boolean
  /**
   * `'none'`: acknowledged, sent again and delivered once as any other, but it depends on nothing and nothing of this
   * member's depends on it: every member gets it as soon as it is whole there, whatever else is missing. What others send
   * who have it comes after it. For what stands alone, such as a film beside the talk, or readings that are outdated soon.
   * @default 'causal'
   */
  order?: 'causal' | 'none'
  /**
   * Its class in the rate limit, and within the channel: it leaves before messages of a lower priority that wait, a film's
   * segments say, and does not come after them at the receivers. It still comes after what of them has left.
   * `'optional'` ones may be dropped by the rate limit, and are then sent again.
   * @default 'normal', or 'optional' when ephemeral
   */
  priority?: 'critical' | 'normal' | 'optional'
  /**
   * Dropped when it is sent while the node's quota is `approached` or `exhausted`, see {@link ReliableChannel.quota$}, so that
   * what is left of it goes to others: nothing of it leaves, and it ends with `send-error`, for certain, and the diagnostic
   * `optional-dropped`.
   * @default true when ephemeral, else false
   */
  optional?: boolean
  /**
   * An id of one's own for the request: twenty lower-case hexadecimal digits. Whoever does not know whether a message was
   * taken sends it again under the same id: one that is known, of the latest 1,000 messages and with a store across
   * restarts, is not sent twice, and the handle is that of the first. Of ephemeral ones only the open ones are known.
   * @default random
   */
  requestId?: string
  /** Takes the message back when it aborts, if that is still possible; see {@link SendHandle.cancel}. */
  signal?: AbortSignal
}

/**
 * Bytes of UTF-8 of channel and sender ids: they stand in every message.
 * @limit A longer one is refused when the channel is opened, and a message with one is rejected (`malformed`).
 */
export const MAX_ID_BYTES = 256
