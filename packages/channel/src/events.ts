import type { RequestStatus } from './core/request-status.ts'
import type { LostReason, SetDropReason } from '@reliable-channels/segmentation'
import type { ChannelDiagnosticEvent } from './diagnostic-event.ts'

/** A message from a member of the channel: exactly the bytes that were sent, once, in causal order. */
export interface ChannelMessageReceivedEvent {
  readonly type: 'reliable:message:received'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The SDS participant id of the author, as it stood on the wire. */
  readonly senderId: string
  /** The bytes that were sent, in an array of the receiver's own. */
  readonly payload: Uint8Array<ArrayBuffer>
  /**
   * The id of the message on the channel, by which every member knows it, its author included: `SendHandle.messageId`. It
   * is that of the SDS message that carried it; of several segments, Keccak-256 of the payload in hex, which the same
   * bytes, sent again, have too.
   */
  readonly messageId: string
  /** It came after something that depends on it was already delivered. */
  readonly late: boolean
  /** It was sent once, tracked by nobody, and is in no order. */
  readonly ephemeral: boolean
  /** The process ended while it was being handled, or, with acknowledged consumption, before it was acknowledged. */
  readonly redelivered: boolean
  /**
   * With `consume: 'acknowledged'`: the application is done with the message, so that it does not come again after a
   * restart. Resolves when that is stored. Otherwise there is nothing to do.
   *
   * @throws ChannelClosedError when the channel is closed before
   */
  readonly ack: () => Promise<void>
}

/** The network took every segment. */
export interface ChannelMessageSentEvent {
  readonly type: 'reliable:message:sent'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that it is of, as the handle of `send` has it. */
  readonly requestId: string
  /** It happened before a restart, and was perhaps told then. */
  readonly redelivered: boolean
  /** An error was told before: the network confirmed only later that it has the message. */
  readonly late?: true
}

/** One member has acknowledged enough to rebuild the payload; told once, and nothing of those who do later. */
export interface ChannelMessageDeliveredEvent {
  readonly type: 'reliable:message:delivered'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that it is of. */
  readonly requestId: string
  /** Who is known to have enough segments to rebuild the payload: one member or more. */
  readonly deliveredTo: readonly string[]
  /** It happened before a restart, and was perhaps told then. */
  readonly redelivered: boolean
  /** A delivery error was told before: the acknowledgement came after it. */
  readonly late?: true
  /** It was delivered before, to members who have lost it since: see {@link ChannelReceiptWithdrawnEvent}. */
  readonly again?: true
}

/**
 * Somebody who was named to have the message whole, as it was delivered or by a receipt, has lost it: his store is gone, or an
 * old copy of it came back, as he shows by what he says. Where nobody has it any more, `reliable:message:delivered` follows,
 * flagged `again`, once somebody does. Noticed for the latest 1,000 messages since the channel was opened, and with
 * `receipts: 'all'` for earlier ones.
 */
export interface ChannelReceiptWithdrawnEvent {
  readonly type: 'reliable:message:receipt-withdrawn'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that it is of. */
  readonly requestId: string
  /** Who has lost it. */
  readonly by: string
  /** Who is known to have it still. */
  readonly deliveredTo: readonly string[]
}

/**
 * One more member has all of an own message: told for each of the members of whom that is heard, the first included. With
 * `receipts: 'all'` all of them are.
 */
export interface ChannelMessageReceiptEvent {
  readonly type: 'reliable:message:receipt'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that it is of. */
  readonly requestId: string
  /** As in {@link SendHandle.messageId}. */
  readonly messageId: string
  /** Who has it now. */
  readonly member: string
  /** All who are known to have it, this member included, in the order in which that was heard. */
  readonly members: readonly string[]
}

/** At least one segment could not be dispatched; SDS may still deliver it by retransmission. */
export interface ChannelMessageErrorEvent {
  readonly type: 'reliable:message:send-error'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that it is of. */
  readonly requestId: string
  /** What went wrong, in a sentence. */
  readonly error: string
  /** Whether nobody has the segments that failed; otherwise a peer may have taken one without its being known. */
  readonly certain: boolean
  /** Why the first of them failed. */
  readonly cause?: unknown
  /** It happened before a restart, and was perhaps told then. */
  readonly redelivered: boolean
}

/**
 * The last retransmission of a segment went unacknowledged; or what the store had of it was damaged. Who was merely away
 * may acknowledge later: then `reliable:message:delivered` follows, flagged `late`.
 */
export interface ChannelDeliveryErrorEvent {
  readonly type: 'reliable:message:delivery-error'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that it is of. */
  readonly requestId: string
  /** What went wrong, in a sentence. */
  readonly error: string
  /** It happened before a restart, and was perhaps told then. */
  readonly redelivered: boolean
}

/** A message of several segments is arriving. */
export interface ChannelProgressEvent {
  readonly type: 'reliable:message:progress'
  /** The channel that it happened in. */
  readonly channelId: string
  /** Its author; `undefined` where no segment that came tells. */
  readonly senderId: string | undefined
  /** Keccak-256 of the payload in hex: names the message until it is whole. */
  readonly payloadHash: string
  /** Different segments that have come. */
  readonly held: number
  /** Segments that make it whole. */
  readonly needed: number
  /** Content that has come, bytes. */
  readonly bytes: number
}

/**
 * A message of several segments will not come, though some of them did. It may be sent again. Told once for each message, as
 * long as the channel is open and it does not come in between.
 */
export interface ChannelMessageLostEvent {
  readonly type: 'reliable:message:lost'
  /** The channel that it happened in. */
  readonly channelId: string
  /** Its author; `undefined` where no segment that came tells. */
  readonly senderId: string | undefined
  /** As in {@link ChannelProgressEvent}. */
  readonly payloadHash: string
  /** Size of the message in bytes; `undefined` where its segments do not tell. */
  readonly bytes: number | undefined
  /** Different segments that had come. */
  readonly held: number
  /** Segments that would have made it whole. */
  readonly needed: number
  /** Why; see the diagnostics `segment-lost` and `segment-dropped`. */
  readonly reason: LostReason | SetDropReason
}

/** One message failed on its way: the channel's own diagnostic, not an outcome of the transport. */
export interface MessageErrorEvent {
  readonly type: 'diagnostic:message-error'
  /** The channel that it happened in. */
  readonly channelId: string
  /** The request that the message belongs to; empty when there is none, as for received and repaired messages. */
  readonly requestId: string
  /** Hash of the network message; empty when none exists. */
  readonly messageHash: string
  /** What went wrong, in a sentence. */
  readonly error: string
  /** The error behind it. */
  readonly cause?: unknown
}

/** Everything that a channel tells. */
export type ChannelEvent =
  | ChannelMessageReceivedEvent
  | ChannelMessageSentEvent
  | ChannelMessageDeliveredEvent
  | ChannelReceiptWithdrawnEvent
  | ChannelMessageReceiptEvent
  | ChannelMessageErrorEvent
  | ChannelDeliveryErrorEvent
  | ChannelProgressEvent
  | ChannelMessageLostEvent
  | MessageErrorEvent
  | ChannelDiagnosticEvent

/** The status of a request as its handle shows it. */
export type SendStatus = RequestStatus & {
  /** About when the first segment leaves, in ms from now, while the rate limit holds it back. */
  readonly estimatedMs?: number
}

/** Makes a {@link MessageErrorEvent}; what is left out is empty. */
export function messageErrorEvent(
  channelId: string,
  {
    requestId = '',
    messageHash = '',
    error,
    cause,
  }: {
    readonly requestId?: string | undefined
    readonly messageHash?: string | undefined
    readonly error: string
    readonly cause?: unknown
  },
): MessageErrorEvent {
  const type = 'diagnostic:message-error'
  return { type, channelId, requestId, messageHash, error, ...(cause !== undefined && { cause }) }
}
