import type { Losses } from './parts/arrivals.ts'
import type { Dialect } from './wire/message.ts'

/** Options of SDS-R. LIP-109, "SDS Repair". The times should be common to all participants of a channel. */
export interface RepairOptions {
  /** Whether to ask for missing messages and to answer. @default true */
  enabled?: boolean
  /**
   * Shortest wait before a missing message is asked for, ms. Where neither time is given, and the quota is not tight, it is
   * that while nobody was heard lately: what an author can be asked for is asked for after 100 ms, or `fetchMs` if it can be
   * fetched, and again after one or two round trips; what others can, half a second later, and again after 2 s, 4 s and so on.
   * @limit It is asked for, or later, up to `tMaxMs`, so that not all ask at once.
   * @default 30_000
   */
  tMinMs?: number
  /**
   * Longest wait before a missing message is asked for, or a request answered, ms.
   * @limit The request, or the answer, goes out.
   * @default 300_000
   */
  tMaxMs?: number
  /**
   * Requests in one message.
   * @limit Further ones go with the next.
   * @default 3, and in sync messages as many as fit into 6 kB
   */
  maxRequestsPerMessage?: number
  /** Into how many groups participants are divided to answer. @default groupSize div 128 + 1, where that is given, else 1 */
  responseGroups?: number
  /** Missing messages waiting to be asked for. @limit Further ones are asked for as others arrive. @default 1_000 */
  maxRequests?: number
  /** Answers waiting to be given, or given lately. @limit A further request is ignored. @default 1_000 */
  maxResponses?: number
  /** Bytes of answers in a second. @limit Further ones wait. @default 4_194_304 */
  maxBytesPerSecond?: number
}

/** Limits of what a participant keeps. At each the documented thing happens, with a `limit` event. */
export interface LimitOptions {
  /**
   * Messages remembered in the history.
   * @limit The oldest is forgotten, and before it what is stamped far ahead.
   * @default 20_000
   */
  maxHistory?: number
  /**
   * Bytes of content in the history, and of causal histories longer than usual.
   * @limit The oldest are dropped, and their messages can no longer be repaired.
   * @default 67_108_864
   */
  maxHistoryBytes?: number
  /** Messages not yet acknowledged. @limit A further one is not wrapped (`outgoing-full`). @default 20_000 */
  maxOutgoing?: number
  /**
   * Bytes of content not yet acknowledged.
   * @limit A further message is not wrapped (`outgoing-full`).
   * @default 134_217_728
   */
  maxOutgoingBytes?: number
  /**
   * Messages parked, but for those that others here wait for: these count among the missing.
   * @limit A further one is refused (`incoming-full`), as if it had been lost.
   * @default 10_000
   */
  maxIncoming?: number
  /**
   * Bytes parked. Messages that others here wait for may take a quarter more.
   * @limit A further message is refused (`incoming-full`), as if it had been lost.
   * @default 67_108_864
   */
  maxIncomingBytes?: number
  /**
   * Messages of one sender parked, but for those that others here wait for.
   * @limit A further one is refused (`incoming-full`), as if it had been lost.
   * @default 5_000
   */
  maxIncomingPerSender?: number
  /**
   * Bytes of one sender parked. Messages that others here wait for may take a quarter more.
   * @limit A further message is refused (`incoming-full`), as if it had been lost.
   * @default 50_331_648
   */
  maxIncomingBytesPerSender?: number
  /**
   * Messages known to be missing, and those parked that others wait for.
   * @limit What sync messages alone named goes first, then a message that names more is refused (`incoming-full`).
   * @default 20_000
   */
  maxMissing?: number
  /**
   * Missing messages that the parked ones of one sender were the first to wait for.
   * @limit A further message that names some is refused (`incoming-full`), as if it had been lost.
   * @default 10_000
   */
  maxMissingPerSender?: number
  /**
   * Ids met without their message (waived, lost, forgotten), and as many of sync and ephemeral messages, and of what was
   * stamped far ahead.
   * @limit The oldest goes. What its sender sent up to then is refused if it comes, again or at last
   * (`older-than-history`), unless it is known to be missing since before. Further ones stamped far ahead are refused.
   * @default 20_000
   */
  maxMet?: number
  /**
   * Causal history, and repair requests, accepted in one message.
   * @limit A message with more is rejected (`undecodable`).
   * @default 1_000
   */
  maxHistoryEntries?: number
  /**
   * Bytes of one message, in both directions.
   * @limit A larger one is rejected (`undecodable`), and larger content is not wrapped (`malformed`).
   * @default 1_048_576
   */
  maxMessageBytes?: number
  /**
   * Bytes of a message id, sender id or channel id.
   * @limit A message with a longer one is rejected (`malformed`).
   * @default 1_024
   */
  maxIdLength?: number
  /** Bytes of a retrieval hint. @limit A longer one is dropped, its entry is not. @default 64 */
  maxHintLength?: number
  /** Bytes of a bloom filter accepted. @limit A larger one is ignored, its message is not. @default 65_536 */
  maxBloomBytes?: number
  /** Messages acknowledged by one sync message. @limit Further ones follow in the next. @default 256 */
  maxAcknowledged?: number
}

/** Content that is about to be taken in. */
export interface OfferedContent {
  readonly messageId: string
  readonly senderId: string
  readonly content: Uint8Array
}

/** Why content is not taken in: for want of room, or since it could never be held. */
export type ContentRefusal = 'now' | 'never'

/** Options of an SDS participant. */
export interface SdsOptions extends LimitOptions {
  /** Who this is: unique in the channel, and the same after a restart. */
  participantId: string
  /** The channel; messages of others are rejected. */
  channelId: string
  /** The dialect that is sent; both are understood. @default 'lip' */
  dialect?: Dialect
  /** Messages that each message names as those before it. @default 2 */
  causalHistoryLength?: number
  /**
   * Messages that it names beyond those, because they are concurrent: no other message names them yet.
   * @limit Further ones are not named, the oldest, but for one's own latest: order is causal as long as no more are concurrent.
   * @default 16
   */
  maxHeads?: number
  /**
   * Ids that the bloom filter is made for. The same for all participants of the `lip` dialect.
   * @limit At 1.2 times as many it is made anew of the newest 0.8 times.
   * @default 10_000
   */
  bloomCapacity?: number
  /** False positives of the bloom filter. The same for all participants of the `lip` dialect. @default 0.001 */
  bloomErrorRate?: number
  /**
   * Wait for an acknowledgement after a message's dispatch, ms. Without it the wait follows the round trips measured (1 s
   * before any was, 0.5 s at least), one message stands for all that wait, and what somebody is seen to lack is sent again
   * at once. With it each message has that wait, and no other cause (LIP-173).
   * @limit The message is sent again.
   * @default measured; 5_000 where the quota is tight
   */
  acknowledgementTimeoutMs?: number
  /**
   * How often an unacknowledged message is sent again.
   * @limit The last wait over, `delivery-failed` is told.
   * @default 12, which takes three to eight minutes; 5 where the quota is tight
   */
  maxRetransmissions?: number
  /** Each wait is so many times the one before. @default 1.5 */
  retransmissionBackoff?: number
  /** A possibly acknowledged message waits so many times as long. @default 3 */
  possiblyAcknowledgedFactor?: number
  /** Filters (of another sender, or changed) that a message must appear in to count as acknowledged. @default 2 */
  possibleAcknowledgementThreshold?: number
  /**
   * Earliest sync message that acknowledges, ms after there is something to acknowledge.
   * @limit It is sent, or later, up to `ackSyncMaxMs`, so that not all speak at once.
   * @default 100; 1_000 where the quota is tight
   */
  ackSyncMinMs?: number
  /**
   * Latest such sync message of the member whose turn it is. Others come later, or leave it to him; and where content
   * comes steadily, so that more is to be expected, it waits for up to four messages or 4 s.
   * @limit It is sent, unless another message has said as much.
   * @default 250; 2_000 where the quota is tight
   */
  ackSyncMaxMs?: number
  /**
   * Who acknowledges what several participants have received: `'one'` of them, whom the others hear, or `'each'`, so that
   * the sender knows who has it. For each this participant decides alone: nothing on the wire asks for it. With `'each'` it
   * reminds others too, by a copy of its own message, who have not acknowledged what somebody has: when an acknowledgement
   * should have come (1 to 2 s), again after as long up to twice, then each time 1.5 times as long, up to ten minutes.
   * @limit After eight in vain, once more each time that they are heard.
   * @default 'one'
   */
  acknowledge?: 'one' | 'each'
  /**
   * Time that an own message which acknowledges may wait to be dispatched, ms.
   * @limit The acknowledgement is left to a sync message.
   * @default 5_000
   */
  acknowledgeWithinMs?: number
  /**
   * Quiet time, ms, after which a sync message is sent, plus a random one as long; 0 or Infinity for none. After content
   * the first is 0.4 times as long, or less where much is lost; each further one is twice as long as the one before, up to
   * twenty times this, while nobody speaks.
   * @limit A sync message is sent.
   * @default 30_000
   */
  periodicSyncMs?: number
  /**
   * Participants, roughly. Without it, those heard lately are counted, up to 16, since anybody can make up senders: a
   * larger group should give it.
   */
  groupSize?: number
  /** SDS-R. */
  repair?: RepairOptions
  /**
   * Time until a missing message is given up, ms; Infinity for never. One that is here and waits for others itself (a
   * circle of names) is given up after four times as long.
   * @limit It is told as `lost`, and what depends on it is delivered. It is asked for again when somebody comes back.
   * @default the larger of 600_000 and three times tMaxMs
   */
  lostAfterMs?: number
  /**
   * How far a Lamport timestamp may be ahead of the clock, ms (`lip` dialect only).
   * @limit The message is rejected (`future-lamport`).
   * @default 86_400_000
   */
  maxFutureSkewMs?: number
  /** Own earlier messages that come back (from before a lost store, or another device): only into the history, or delivered too. @default 'history' */
  ownMessages?: 'history' | 'deliver'
  /**
   * When a frame counts as dispatched: `'immediate'`ly, or when that is `'reported'` by a `dispatch-ended` input, which starts
   * its acknowledgement timer; no second copy is made before.
   * @default 'immediate' until the first report, then 'reported'; 'reported' from the start with a `unitOfWork`
   */
  dispatch?: 'immediate' | 'reported'
  /**
   * When messages are encoded: `'at-once'`, or `'at-release'`, when they come back as `encode` inputs after a rate limit
   * (or whatever else holds them back), so that each has the filter and the repair requests of that moment, and the
   * participant's own traffic is asked then whether it is still wanted. `'at-release'` needs `dispatch: 'reported'`.
   * @default 'at-once'
   */
  encoding?: 'at-once' | 'at-release'
  /**
   * Whether contents are `'copied'` when they are handed in and out, or `'shared'` with whoever hands them in and takes
   * them: then nobody may change them any more, nor the messages they come in. A message is kept whole for the content that
   * fills three quarters of it, and more: memory may be a third above what limits of bytes say.
   * @default 'copied'
   */
  contents?: 'copied' | 'shared'
  /**
   * Time from one message to the next, ms, that a rate limit allows.
   * @limit SDS holds nothing back. Where the time is long, acknowledging sync messages come later, so that each says
   * more, and own content that waits takes their place.
   * @default 0
   */
  paceMs?: number
  /**
   * Length of the epochs of a rate limit, ms.
   * @limit SDS holds nothing back. So much longer others may need to acknowledge, and half of it is the shortest time
   * between periodic sync messages.
   * @default 0
   */
  epochMs?: number
  /**
   * Time in which a missing message with a retrieval hint is fetched from the network's memory, ms.
   * @limit Its author is asked for it.
   * @default 0, as where nothing can be fetched
   */
  fetchMs?: number
  /**
   * How far back a newcomer's past goes that it wants, ms.
   * @limit What is older, and what its first messages come after and nobody sends, is from before its time: it is done
   * without, which the event `past` tells.
   * @default 0
   */
  historyMs?: number
  /**
   * How much is lost of what comes, shared by participants on one network: one that has heard little yet says things as
   * often as the others find necessary. Begins as `{ arrived: 0, missed: 0 }`, which participants count up.
   * @default one of its own
   */
  losses?: Losses
  /** Gives the retrieval hint of a message in a causal history or repair request. */
  retrievalHint?: (messageId: string) => Uint8Array | undefined
  /**
   * Asked of the content of each message of others before it is taken in: whether it cannot be held `'now'`, or `'never'`. It
   * is left out then as if it had been lost, so that nobody acknowledges it, and the event `refused` tells. What comes after
   * it waits for it if it may be held later. Changes nothing.
   * @default everything is taken in
   */
  refuses?: (content: OfferedContent) => ContentRefusal | undefined
  /**
   * Asked where the history drops contents for want of room (`maxHistoryBytes`): one that is still needed goes last.
   * @default none is
   */
  needs?: (messageId: string) => boolean
  /** Whether a message of another can be given to those who ask for it: not where nobody would believe it. @default always */
  mayGive?: (messageId: string) => boolean
  /** In [0, 1). */
  random: () => number
  /**
   * In [0, 1), best not known to others: keys the hash of the ids held, so that nobody can choose ids that are slow to
   * find. Changes nothing else.
   * @default a number of `random`
   */
  hashKey?: number
  /**
   * In [0, 1), made up anew each time: tells this participant's entries in the store from those of another one that was
   * opened on it at once, so that neither writes over the other's.
   * @default none: entries are numbered from 0
   */
  writer?: number
  /** Told of each stored entry that could not be read; the others are restored. */
  onCorrupt?: (key: string, reason: string) => void
}

type Filled<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> }

/** Options with their defaults filled in. */
export interface Settings
  extends
    Filled<LimitOptions>,
    Filled<
      Omit<
        SdsOptions,
        | keyof LimitOptions
        | 'repair'
        | 'groupSize'
        | 'writer'
        | 'losses'
        | 'retrievalHint'
        | 'refuses'
        | 'needs'
        | 'mayGive'
        | 'onCorrupt'
        | 'dispatch'
        | 'acknowledgementTimeoutMs'
      >
    > {
  readonly repair: Filled<Omit<RepairOptions, 'responseGroups' | 'maxRequestsPerMessage'>> & {
    readonly responseGroups: number | undefined
    readonly maxRequestsPerMessage: number | undefined
    /** The waits of LIP-109 hold for everything, and not only for what its author cannot be asked for. */
    readonly isLip: boolean
  }
  /** As it was given; without it timers follow the round trips. */
  readonly acknowledgementTimeoutMs: number | undefined
  readonly groupSize: number | undefined
  readonly writer: number | undefined
  readonly losses: Losses | undefined
  readonly dispatch: 'immediate' | 'reported' | undefined
  readonly retrievalHint: (messageId: string) => Uint8Array | undefined
  readonly needs: ((messageId: string) => boolean) | undefined
  readonly refuses: ((content: OfferedContent) => ContentRefusal | undefined) | undefined
  readonly mayGive: (messageId: string) => boolean
  readonly onCorrupt: (key: string, reason: string) => void
}
