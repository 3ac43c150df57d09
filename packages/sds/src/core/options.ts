import type { LimitOptions } from './limit-options.ts'
import type { Losses } from './parts/arrivals.ts'
import type { RepairOptions } from './repair-options.ts'
import type { Lamport } from './wire/lamport.ts'
import type { Dialect } from './wire/message.ts'

/** Content that is about to be taken in. */
export interface OfferedContent {
  readonly messageId: string
  readonly senderId: string
  readonly lamport?: Lamport | undefined
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
