import { type Observable, type SchedulerLike, Subject } from 'rxjs'
import type { Peer } from './peer.ts'

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

/** Fields of a message in reports. */
export interface AboutMessage {
  readonly hash: string
  readonly contentTopic: string
  readonly sizeBytes: number
}

/** Counts what happens to messages, and tells it. */
export class TrafficReport {
  readonly stats: Omit<NetworkStats, 'stored'> = {
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
  readonly #scheduler: SchedulerLike
  readonly #traffic = new Subject<TrafficEvent>()
  readonly traffic$: Observable<TrafficEvent> = this.#traffic.asObservable()

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  tell(type: TrafficEvent['type'], about: AboutMessage, from: Peer, to?: Peer): void {
    this.stats[type]++
    if (type === 'sent' || type === 'delivered') this.stats[`${type}Bytes`] += about.sizeBytes
    if (!this.#traffic.observed) return
    const atMs = this.#scheduler.now()
    this.#traffic.next({ type, ...about, from: from.name, ...(to && { to: to.name }), atMs })
  }

  complete(): void {
    this.#traffic.complete()
  }
}
