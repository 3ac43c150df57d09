import { type SchedulerLike, Subject, merge, takeUntil } from 'rxjs'
import { InvalidEnvelopeError, checkContentTopic } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'

import { FILTER_SUBSCRIBE, type FilterRequest, encodeFilterRequest } from './core/filter-codec.ts'
import { LIGHT_PUSH, encodeLightPush } from './core/light-push-codec.ts'
import { type Status, decodeStatus } from './core/status.ts'
import {
  STORE,
  type StorePage,
  type StoreQuery,
  decodeStorePage,
  encodeStoreQuery,
} from './core/store-codec.ts'
import { ServiceError } from './errors.ts'
import { exchange } from './streams/exchange.ts'
import type { WakuNode } from './waku-node.ts'
import { shardOf } from './core/shard.ts'
import { dialsOf } from './peers/dials.ts'
import { PeerBook } from './peers/peer-book.ts'
import { incomingPushesOf } from './streams/incoming-pushes.ts'
import type { PushRequest, Service, Services } from './services.ts'
import { sha256 } from './sha256.ts'

/** Longest reply that is no page of a store, bytes. @limit The request has failed. */
const MAX_STATUS_BYTES = 16 * 1024
/**
 * Longest page of a store, bytes: it has at most 20 messages of 150 KiB when data is asked for.
 * @limit The request has failed.
 */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

/** Content topics whose shard is remembered. @limit All are worked out anew. */
const MAX_TOPICS_KNOWN = 1024

/** Options of {@link wakuServices}. */
export interface WakuServicesOptions {
  readonly scheduler: SchedulerLike
  readonly shardId: number | undefined
  /** Random bytes for the ids of requests. */
  readonly randomBytes: (length: number) => Uint8Array
}

/** The {@link Services} of a real light node. */
export function wakuServices(node: WakuNode, options: WakuServicesOptions): Services {
  const { shardId, randomBytes, scheduler } = options
  const pushes = incomingPushesOf(node)
  /** The shard of a content topic takes a hash to find. */
  const pubsubTopics = new Map<string, string>()

  const findPubsubTopic = (contentTopic: string): string => {
    checkContentTopic(contentTopic)
    try {
      return node.createDecoder({ contentTopic, ...(shardId !== undefined && { shardId }) }).pubsubTopic
    } catch (cause) {
      throw new InvalidEnvelopeError(
        `"contentTopic" ${JSON.stringify(contentTopic)} cannot be carried: ${String(cause)}`,
        { cause },
      )
    }
  }

  const pubsubTopicOf = (contentTopic: string): string => {
    const known = pubsubTopics.get(contentTopic)
    if (known !== undefined) return known
    const pubsubTopic = findPubsubTopic(contentTopic)
    if (pubsubTopics.size >= MAX_TOPICS_KNOWN) pubsubTopics.clear()
    pubsubTopics.set(contentTopic, pubsubTopic)
    return pubsubTopic
  }

  const closed$ = new Subject<void>()
  const clusterId = clusterOf(pubsubTopicOf)
  const dials = dialsOf(node.libp2p)
  const book = new PeerBook(node.libp2p, { scheduler, clusterId })

  const ask = (
    peer: string,
    protocol: string,
    request: readonly Uint8Array[],
    maxReplyBytes: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> => {
    const connection = book.connectionTo(peer)
    if (connection === undefined) return Promise.reject(new ServiceError(peer, 'not connected any more'))
    return exchange(connection, protocol, request, maxReplyBytes, signal)
  }

  const status = async (peer: string, reply: Promise<Uint8Array>): Promise<Status> => {
    const decoded = decodeStatus(await reply)
    if (decoded === undefined) throw new ServiceError(peer, 'the reply is malformed')
    return decoded
  }

  return {
    get isStarted() {
      return node.isStarted() && node.libp2p.status === 'started'
    },
    clusterId,
    changes$: merge(book.changes$, dials.changes$).pipe(takeUntil(closed$)),
    get sightings() {
      return { connected: book.connected, foreign: book.foreign, dialFailure: dials.lastFailure }
    },
    peers: (service: Service, pubsubTopic?: string) => book.with(service, pubsubTopic),
    pubsubTopicOf,
    push: (peer, { requestId, pubsubTopic, message }: PushRequest, signal) =>
      status(
        peer,
        ask(peer, LIGHT_PUSH, encodeLightPush(requestId, pubsubTopic, message), MAX_STATUS_BYTES, signal),
      ),
    async filter(peer, request: FilterRequest, signal) {
      await pushes.takeOver()
      const encoded = encodeFilterRequest(requestId(), request)
      return status(peer, ask(peer, FILTER_SUBSCRIBE, [encoded], MAX_STATUS_BYTES, signal))
    },
    async query(peer, query: StoreQuery, signal): Promise<StorePage> {
      const reply = await ask(peer, STORE, [encodeStoreQuery(requestId(), query)], MAX_PAGE_BYTES, signal)
      const page = decodeStorePage(reply, query.pubsubTopic, sha256)
      if (page === undefined) throw new ServiceError(peer, 'the page is malformed')
      return page
    },
    listen: (contentTopic, listener) => pushes.listen(pubsubTopicOf(contentTopic), contentTopic, listener),
    close() {
      book.close()
      closed$.next()
    },
  }

  function requestId(): string {
    return hexOf(randomBytes(16))
  }
}

/** The cluster of a node, as any of its topics has it. */
function clusterOf(pubsubTopicOf: (contentTopic: string) => string): number | undefined {
  try {
    return shardOf(pubsubTopicOf('/reliable-channels/1/cluster/proto'))?.clusterId
  } catch {
    return undefined
  }
}
