import type { Observable } from 'rxjs'

/** One message on one content topic, as it is handed to the network. */
export interface Envelope {
  /** The content topic, as in 23/WAKU2-TOPICS: `/application/version/name/encoding`. */
  readonly contentTopic: string
  readonly payload: Uint8Array<ArrayBuffer>
  /** Not to be kept by store nodes. */
  readonly ephemeral: boolean
  /** The wire-format marker of the profile, at most 64 bytes; absent when the profile has none. */
  readonly meta?: Uint8Array<ArrayBuffer>
}

/** A message that the network delivered. */
export interface TransportMessage {
  /** Deterministic hash of the message (14/WAKU2-MESSAGE), lower-case hexadecimal. */
  readonly hash: string
  readonly contentTopic: string
  /** Whoever receives it may keep it: it never changes. */
  readonly payload: Uint8Array<ArrayBuffer>
  readonly ephemeral: boolean
  readonly meta?: Uint8Array<ArrayBuffer>
  /** When the sender says it was sent, ms since 1970, where known. */
  readonly timestampMs?: number
  /** The very envelope that was handed to {@link Transport.send}, if the transport knows that it has come back. */
  readonly echoOf?: Envelope
}

/** Progress or end of a request that {@link Transport.send} accepted. */
export type TransportEvent =
  /** The message has reached at least one peer; its final outcome follows. */
  | { readonly type: 'message-propagated'; readonly requestId: string; readonly hash: string }
  /** The network took the message: final. */
  | { readonly type: 'message-sent'; readonly requestId: string; readonly hash: string }
  /** The message is not known to have been sent, and will not be tried again: final. */
  | {
      readonly type: 'message-error'
      readonly requestId: string
      readonly hash?: string
      readonly error: string
      /**
       * Whether nobody has the message, so that it will not arrive. Otherwise a peer may have taken it without its being
       * known, and it may yet arrive. @default false
       */
      readonly certain?: boolean
      readonly cause?: unknown
    }

/** The hash of a message that leaves. */
export interface OutgoingHash {
  readonly requestId: string
  /** The very envelope that was handed to {@link Transport.send}. */
  readonly envelope: Envelope
  /** As in the events of the request. */
  readonly hash: string
}

/** Whether messages can flow. */
export type ConnectionState = 'disconnected' | 'connecting' | 'connected'

/** Why messages do not flow, and what to do. */
export interface ConnectionProblem {
  /**
   * For programs; a transport may have reasons of its own.
   *
   * - `not-started`, `disconnected`: it was not told to connect, or was told not to.
   * - `unreachable`: nobody answers.
   * - `other-network`: those who answer are of another network.
   * - `no-service`: they do not offer what is needed, or not for what is subscribed.
   * - `not-delivering`: they decline, or do not deliver.
   */
  readonly reason:
    | 'not-started'
    | 'disconnected'
    | 'unreachable'
    | 'other-network'
    | 'no-service'
    | 'not-delivering'
    | (string & {})
  /** One sentence for people: what is wrong, and what to do. */
  readonly message: string
  readonly cause?: unknown
}

/** Options of {@link Transport.history}. */
export interface HistoryQuery {
  readonly contentTopic: string
  /**
   * Inclusive, ms since 1970, by the stamps of the senders, which a network's memory goes by. Their clocks differ, by as
   * much as the network tolerates: whoever must miss nothing asks for 40 s earlier. Some that are a little older may come.
   */
  readonly sinceMs: number
  /**
   * Whether the caller has a message. Those may be left out, and a transport that can ask for hashes alone reads only the
   * others, so that looking for a few that are missing costs little. Then the order is not always kept.
   */
  readonly isKnown?: (hash: string) => boolean
  /** Ends the iteration, rejecting with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * The network as a channel sees it.
 *
 * {@link Transport.send} resolves with a request id, or rejects when the request is not accepted.
 * Each accepted request ends in exactly one `message-sent` or `message-error` on {@link Transport.events$},
 * possibly after a `message-propagated`, and possibly before `send` has resolved.
 * Nothing is delivered on {@link Transport.messages$} for a topic that is not subscribed.
 * Messages may be lost, repeated, delayed and reordered; the sender's own may come back.
 */
export interface Transport {
  /**
   * Hands one message to the network. The request id is unique among all requests of this transport. The bytes of the
   * envelope must not change until the request has ended.
   */
  send(envelope: Envelope): Promise<string>
  /** Progress and ends of the accepted requests. Hot; never errors while the transport is alive. */
  readonly events$: Observable<TransportEvent>
  /**
   * The hash of each message as soon as it is known, when the message leaves or before: long before its outcome, and
   * possibly before `send` has resolved, so that what is sent next can name it. A message that takes long to be taken may
   * get another one, which is told too; the latest counts. Hot.
   */
  readonly hashes$?: Observable<OutgoingHash>
  /** Messages on the subscribed content topics. Hot; errors only when the transport has died. */
  readonly messages$: Observable<TransportMessage>
  /** Starts delivery of a content topic. Counted: each call wants one {@link Transport.unsubscribe}. */
  subscribe(contentTopic: string): Promise<void>
  /** Ends one {@link Transport.subscribe}; the last one ends delivery. */
  unsubscribe(contentTopic: string): Promise<void>
  /** Replays its latest value to each subscriber. */
  readonly connection$: Observable<ConnectionState>
  /**
   * Why the connection is not `connected`, told as soon as it is known; `undefined` while it is, and while nothing is known.
   * Replays its latest value to each subscriber.
   */
  readonly connectionProblem$?: Observable<ConnectionProblem | undefined>
  /**
   * The longest time from the acceptance of a request, when {@link Transport.send} resolves, to its final event, ms. Whoever
   * waits with a limit of its own takes a longer one: what is given up earlier may still be sent. Absent where there is
   * no limit.
   */
  readonly outcomeWithinMs?: number
  /** The largest payload of an envelope, in bytes, that the network carries. */
  readonly maxMessageBytes: number
  /** Messages by hash, from the network's memory; unknown ones are left out. */
  fetch?(
    hashes: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<TransportMessage>
  /** Messages of a content topic since a time, oldest first, without ephemeral ones, from the network's memory. */
  history?(query: HistoryQuery): AsyncIterable<TransportMessage>
}
