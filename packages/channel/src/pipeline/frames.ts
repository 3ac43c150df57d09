import type { Reservation } from '@reliable-channels/rate-limit'
import type { Urgency } from '@reliable-channels/sds'
import type { Frame } from '@reliable-channels/stage'
import type { Envelope } from '@reliable-channels/transport'

/** A message that its owner has handed over. */
export interface PendingRequest {
  readonly requestId: string
  /** Its owner has given it its id, and may send it again under that. */
  readonly isNamed: boolean
  readonly payload: Uint8Array
  readonly ephemeral: boolean
  readonly order: 'causal' | 'none'
  readonly priority: Urgency
  /** Room for all its frames in the rate limit. */
  readonly reservation: Reservation | undefined
}

/** A request cut into encoded segments, data first. */
export interface SegmentedRequest extends PendingRequest {
  readonly segments: readonly Uint8Array<ArrayBuffer>[]
  readonly dataCount: number
  /** A receiver may do without some of the segments. */
  readonly hasParity: boolean
  /** Keccak-256 of the payload in hex; empty where the profile has no segments. */
  readonly payloadHash: string
}

/** One segment of a request on its way to SDS. */
export interface ContentFrame extends Frame {
  readonly payload: Uint8Array<ArrayBuffer>
  /** Names what SDS is to keep together; see `WrapRequest.group`. */
  readonly group?: string
  /** See `WrapRequest.isPart`. */
  readonly isPart?: boolean
  readonly requestId: string
  readonly ephemeral: boolean
  readonly order?: 'causal' | 'none'
  readonly priority: Urgency
  readonly reservation: Reservation | undefined
}

/** A frame that leaves SDS for the network: a segment of a request, or SDS's own traffic. */
export interface OutgoingFrame extends Frame {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly messageId: string
  readonly kind: 'content' | 'retransmission' | 'repair' | 'sync'
  readonly ephemeral: boolean
  readonly priority: Urgency
  /** Absent in SDS's own traffic. */
  readonly requestId?: string
  readonly reservation?: Reservation | undefined
}

/** Sealed and addressed. */
export interface AddressedFrame extends Omit<OutgoingFrame, 'requestId' | 'reservation'> {
  readonly envelope: Envelope
  readonly requestId: string | undefined
  /** It reached the network. */
  hasLeft: boolean
}

/** A frame that arrives from the network. */
export interface IncomingFrame extends Frame {
  /** Hash of the network message. */
  readonly hash: string
  /** The frame as it came, and who has proved to have sealed it, where the cipher signs. */
  readonly seal?: Seal
}

/** What came, and who has proved to have sealed it. */
export interface Seal {
  readonly bytes: Uint8Array<ArrayBuffer>
  signer: string | undefined
}

/** A segment that SDS delivers, at its place in causal order. */
export interface DeliveredSegment extends Frame {
  /** The hash is not known when the message was parked over a restart. */
  readonly hash?: string
  readonly messageId: string
  readonly senderId: string
  /** Not known of one that waited for its cipher over a restart. */
  readonly lamport?: number | bigint | undefined
  readonly late: boolean
  readonly own: boolean
  readonly ephemeral: boolean
  /** Where it is kept while the cipher opens it. */
  readonly keptAs?: number
}
