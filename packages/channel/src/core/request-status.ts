/** The state of a request; those up to `sending` are not final. */
export type RequestState =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'send-failed'
  | 'delivered'
  | 'delivery-failed'
  | 'cancelled'

/** The status of a request. */
export interface RequestStatus {
  readonly state: RequestState
  /** Why it failed, if it did. */
  readonly error?: string
  /** When sending failed: whether nobody has the segments that failed. Otherwise they may have left unknown. */
  readonly certain?: boolean
  /** Counts of segments, parity included, except `acknowledged`, which counts data segments. */
  readonly segments: {
    readonly total: number
    readonly data: number
    readonly released: number
    readonly confirmed: number
    readonly failed: number
    readonly acknowledged: number
  }
  /** Participants who acknowledged enough segments to rebuild the payload. */
  readonly deliveredTo: readonly string[]
}

export const SEGMENTS_FAILED = 'one or more segments failed'
export const UNACKNOWLEDGED = 'the last retransmission was not acknowledged'
export const DAMAGED = 'it is damaged in the store, and cannot be sent again'
export const FORGOTTEN = 'lost by who had it, and no longer kept'
export const DIVIDED = 'each part was acknowledged, all of it by nobody'
export const CANCELLED = 'cancelled'
