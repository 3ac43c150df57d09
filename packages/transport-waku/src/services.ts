import type { Observable } from 'rxjs'

import type { FilterRequest } from './core/filter-codec.ts'
import type { WireMessage } from './core/message.ts'
import type { Sightings } from './core/connection-problem.ts'
import type { Status } from './core/status.ts'
import type { StorePage, StoreQuery } from './core/store-codec.ts'

/** A service of a service node for light nodes. */
export type Service = 'lightPush' | 'filter' | 'store'

/** A message on its way to a service node, stamped, so that its hash is the same everywhere. */
export interface PushRequest {
  readonly requestId: string
  readonly pubsubTopic: string
  readonly message: WireMessage
}

/**
 * The service nodes as the transport sees them: requests to one of them at a time, and nothing kept back.
 *
 * Requests reject when the service node cannot be reached or does not answer properly, and when `signal` says so;
 * an answer that declines is a {@link Status}. They have no timeout of their own.
 */
export interface Services {
  /** Whether the node runs. */
  readonly isStarted: boolean
  /** Emits when the node was started or stopped, the usable peers are others, or a dial failed. */
  readonly changes$: Observable<void>
  /** Peer ids of the service nodes that are connected, have the service and serve the topic, as far as is known. */
  peers(service: Service, pubsubTopic?: string): readonly string[]
  /** The peers that were met, usable or not, for whoever asks why there is none. */
  readonly sightings: Sightings
  /** The cluster of the network, where it is known. */
  readonly clusterId: number | undefined
  /** The pubsub topic that carries a content topic. Throws for a content topic that the network cannot carry. */
  pubsubTopicOf(contentTopic: string): string
  push(peer: string, request: PushRequest, signal: AbortSignal): Promise<Status>
  filter(peer: string, request: FilterRequest, signal: AbortSignal): Promise<Status>
  query(peer: string, query: StoreQuery, signal: AbortSignal): Promise<StorePage>
  /**
   * Has what service nodes deliver on a content topic handed to `listener`, until the result is called. The bytes of a
   * message are views, which keep more in memory.
   */
  listen(contentTopic: string, listener: (message: WireMessage) => void): Promise<() => void>
  /** Lets go of the node. */
  close(): void
}
