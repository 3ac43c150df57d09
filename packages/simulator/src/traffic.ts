/** Counters of what has passed through a simulated network so far. */
export interface NetworkStats {
  /** Requests that the network accepted. */
  sent: number
  /** Bytes of their payloads. */
  sentBytes: number
  /** Accepted requests that ended in `message-error`. */
  failed: number
  /** Those of them whose sender was above its quota. */
  refused: number
  /** Messages that reached a subscribed peer, copies included. */
  delivered: number
  /** Bytes of their payloads. */
  deliveredBytes: number
  /** Messages lost on the way to one receiver: by `loss`, a partition, or a receiver that was gone on arrival. */
  lost: number
  /** Second copies put on the way. */
  duplicated: number
  /** Messages held back so that others could overtake. */
  reordered: number
  /** Messages lost because more than `maxInFlightBytes` were on the way, or `queueBytes` before a peer. */
  dropped: number
  /** Messages on the way now, copies included. */
  inFlight: number
  /** Messages that `history` and `fetch` know now. */
  stored: number
}

/** One thing that happened to a message. */
export interface TrafficEvent {
  readonly type: 'sent' | 'failed' | 'delivered' | 'lost' | 'duplicated' | 'reordered' | 'dropped'
  readonly hash: string
  readonly contentTopic: string
  readonly sizeBytes: number
  readonly from: string
  /** The receiver; absent for what concerns the sender alone (`sent`, `failed`). */
  readonly to?: string
  /** Time of the network's scheduler, ms. */
  readonly atMs: number
}

/** All counters at zero. */
export function newStats(): Omit<NetworkStats, 'stored'> {
  return {
    sent: 0,
    sentBytes: 0,
    failed: 0,
    refused: 0,
    delivered: 0,
    deliveredBytes: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    dropped: 0,
    inFlight: 0,
  }
}
