import type { OfferedContent, ContentRefusal } from './options.ts'
import type { HistoryEntry } from './wire/message.ts'

/** Why an incoming frame was dropped, or an outgoing one not wrapped. */
export type RejectReason =
  /** The bytes are no SDS message. */
  | 'undecodable'
  /** Neither timestamp nor content, an empty or overlong id, or a message larger than allowed. */
  | 'malformed'
  /** The message is of another channel. */
  | 'other-channel'
  /** Its Lamport timestamp is too far ahead. */
  | 'future-lamport'
  /** Its sender's messages of its time are forgotten, so that it may be a duplicate; also if it was asked for. */
  | 'older-than-history'
  /** There is no room to park it. */
  | 'incoming-full'
  /** Unacknowledged content is empty: that is how sync messages look. */
  | 'empty-content'
  /** Too many messages, or bytes, are unacknowledged. */
  | 'outgoing-full'

/** How an acknowledgement came: named in a causal history, or in enough bloom filters. */
export type AcknowledgedVia = 'causal-history' | 'bloom-filter'

/** Why a sync message was sent. */
export type SyncReason = 'acknowledge' | 'repair' | 'periodic'

/** Who has said what; `content` is `undefined` where it is not kept any more. */
export interface ContentOf {
  readonly senderId: string
  readonly content: Uint8Array | undefined
}

/** Something that happens in a participant, beside what it delivers and sends. */
export type SdsEvent =
  /** Somebody has an own message. `first`: nobody was known to; then it leaves the outgoing buffer. */
  | {
      readonly type: 'acknowledged'
      readonly messageId: string
      readonly by: string
      readonly via: AcknowledgedVia
      readonly first: boolean
    }
  /**
   * Somebody who had an own message does not have it any more, by what he says: his store was lost, or is an old copy.
   * `last`: nobody else is known to have it. Should he get it again, `acknowledged` is told again.
   */
  | {
      readonly type: 'acknowledgement-withdrawn'
      readonly messageId: string
      readonly by: string
      readonly last: boolean
    }
  /** An own message appeared in a bloom filter, for the `count`th time. */
  | {
      readonly type: 'possibly-acknowledged'
      readonly messageId: string
      readonly by: string
      readonly count: number
    }
  /**
   * The last retransmission went unacknowledged. `forgotten`: whoever had it has lost it, and its content is no longer kept, so
   * that it cannot be sent again.
   */
  | {
      readonly type: 'delivery-failed'
      readonly messageId: string
      readonly retransmissions: number
      readonly forgotten?: boolean
    }
  /** A received message was delivered (also one that is only for the history). */
  | { readonly type: 'delivered'; readonly messageId: string; readonly senderId: string }
  /** Messages were found missing, with what is known to fetch them. `dependent` was parked for them, if it has content. */
  | {
      readonly type: 'missing'
      readonly entries: readonly HistoryEntry[]
      readonly dependent: string
    }
  /** Missing messages were given up; what depends on them is delivered. */
  | { readonly type: 'lost'; readonly entries: readonly HistoryEntry[] }
  /**
   * Messages from before this participant's time, which what it heard first comes after: they are done without, as is all
   * that was sent `before`, ms since 1970.
   */
  | { readonly type: 'past'; readonly entries: readonly HistoryEntry[]; readonly before: number }
  /** Missing messages are asked for, in the message `carrierId`. */
  | { readonly type: 'repair-requested'; readonly messageIds: readonly string[]; readonly carrierId: string }
  /** Another's message is sent again, for somebody who asked. */
  | { readonly type: 'repair-sent'; readonly messageId: string }
  /** An own message is sent again, the `retransmissions`th time. */
  | { readonly type: 'retransmitted'; readonly messageId: string; readonly retransmissions: number }
  /** A message without content leaves. */
  | { readonly type: 'sync-sent'; readonly messageId: string; readonly reason: SyncReason }
  /** A message without content came. */
  | { readonly type: 'sync-received'; readonly messageId: string; readonly senderId: string }
  /** A frame was dropped, or not wrapped. */
  | {
      readonly type: 'rejected'
      readonly reason: RejectReason
      readonly detail: string
      readonly frame: { readonly payload: Uint8Array }
    }
  /** Content was not taken in, since it cannot be held `'now'`, or `'never'`; see the option `refuses`. */
  | ({
      readonly type: 'refused'
      readonly refusal: ContentRefusal
      readonly frame: { readonly payload: Uint8Array }
    } & OfferedContent)
  /**
   * Another author, or another content, came by the id of a message that is here (`held`), which stays: somebody lies, or
   * gives ids that are not unique. What came is not delivered.
   */
  | {
      readonly type: 'equivocation'
      readonly messageId: string
      readonly held: ContentOf
      readonly other: ContentOf
    }
  /** A message's filter could not be used; the message itself was. */
  | { readonly type: 'filter-ignored'; readonly messageId: string; readonly detail: string }
  /** Something was forgotten for lack of room. */
  | {
      readonly type: 'limit'
      readonly limit: 'maxHistory' | 'maxHistoryBytes' | 'maxMet' | 'maxMissing' | 'maxResponses'
      readonly messageId: string
    }
  /**
   * Two participants, opened on one store at once, wrote to it: what both sent and received is restored. `entries` of them
   * were written without knowing of the others. Told once.
   */
  | { readonly type: 'store-shared'; readonly entries: number }

/** How complete the log is. */
export interface SdsHealth {
  /** `missing` too while messages that have come wait for each other. */
  readonly state: 'synced' | 'missing'
  /** Messages known to be missing. */
  readonly missing: number
  /** Messages given up and not seen since. */
  readonly lost: number
}
