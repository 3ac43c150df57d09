import { bytesToHex } from '@noble/hashes/utils.js'
import { type Observable, type SchedulerLike } from 'rxjs'
import type { IDecodedMessage, IDecoder } from '@waku/sdk'
import { InvalidEnvelopeError, MAX_META_BYTES } from '@reliable-channels/transport'

import { FILTER_SUBSCRIBE, type FilterRequest, encodeFilterRequest } from './core/filter-codec.ts'
import { LIGHT_PUSH, encodeLightPush } from './core/light-push-codec.ts'
import type { WireMessage } from './core/message.ts'
import { type Status, decodeStatus } from './core/status.ts'
import {
  STORE,
  type StorePage,
  type StoreQuery,
  decodeStorePage,
  encodeStoreQuery,
} from './core/store-codec.ts'
import { ServiceError } from './errors.ts'
import { exchange } from './exchange.ts'
import type { WakuNode } from './node.ts'
import { PeerBook } from './peer-book.ts'
import type { PushRequest, Service, Services } from './services.ts'
import { sha256 } from './sha256.ts'
import { withTimeout } from './with-timeout.ts'

/** Longest reply that is no page of a store, bytes. */
const MAX_STATUS_BYTES = 16 * 1024
/** A page has at most 20 messages of 150 KiB when data is asked for. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

const MAX_TOPICS_KNOWN = 1024

/** What {@link wakuServices} needs besides the node. */
export interface WakuServicesOptions {
  readonly shardId: number | undefined
  readonly scheduler: SchedulerLike
  readonly requestTimeoutMs: number
  /** Random bytes for the ids of requests. */
  readonly randomBytes: (length: number) => Uint8Array
}

/** The {@link Services} of a real light node. */
export function wakuServices(node: WakuNode, options: WakuServicesOptions): Services {
  const { scheduler, requestTimeoutMs, shardId, randomBytes } = options
  const book = new PeerBook(node.libp2p)
  /** The shard of a content topic takes a hash to find. */
  const pubsubTopics = new Map<string, string>()
  let registrations: Promise<unknown> = Promise.resolve()

  const decoderOf = (contentTopic: string): IDecoder<IDecodedMessage> => {
    try {
      return node.createDecoder({ contentTopic, ...(shardId !== undefined && { shardId }) })
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
    const { pubsubTopic } = decoderOf(contentTopic)
    if (pubsubTopics.size >= MAX_TOPICS_KNOWN) pubsubTopics.clear()
    pubsubTopics.set(contentTopic, pubsubTopic)
    return pubsubTopic
  }

  const ask = (
    peer: string,
    protocol: string,
    request: Uint8Array,
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

  /** The node keeps one subscription a pubsub topic, and makes two of them when told of two content topics at once. */
  const inTurn = (work: () => Promise<unknown>): Promise<void> => {
    const turn = registrations.then(async () => {
      // Trap 4 again: with a silent node this would take for ever.
      await withTimeout(scheduler, requestTimeoutMs, undefined, work).catch(() => {})
    })
    registrations = turn
    return turn
  }

  return {
    get isStarted() {
      return node.isStarted() && node.libp2p.status === 'started'
    },
    get changes$(): Observable<void> {
      return book.changes$
    },
    peers: (service: Service, pubsubTopic?: string) => book.with(service, pubsubTopic),
    pubsubTopicOf,
    push: (peer, { requestId, pubsubTopic, message }: PushRequest, signal) =>
      status(
        peer,
        ask(peer, LIGHT_PUSH, encodeLightPush(requestId, pubsubTopic, message), MAX_STATUS_BYTES, signal),
      ),
    filter: (peer, request: FilterRequest, signal) =>
      status(
        peer,
        ask(peer, FILTER_SUBSCRIBE, encodeFilterRequest(requestId(), request), MAX_STATUS_BYTES, signal),
      ),
    async query(peer, query: StoreQuery, signal): Promise<StorePage> {
      const reply = await ask(peer, STORE, encodeStoreQuery(requestId(), query), MAX_PAGE_BYTES, signal)
      const page = decodeStorePage(reply, query.pubsubTopic, sha256)
      if (page === undefined) throw new ServiceError(peer, 'the page is malformed')
      return page
    },
    async listen(contentTopic, listener) {
      const decoder = listeningDecoder(decoderOf(contentTopic), listener)
      await inTurn(() => node.filter.subscribe(decoder, () => {}))
      return () => void inTurn(() => node.filter.unsubscribe(decoder))
    },
    close: () => book.close(),
  }

  function requestId(): string {
    return bytesToHex(randomBytes(16))
  }
}

/**
 * A decoder that hands the message on and decodes nothing, so that nanoseconds survive; messages whose version
 * is not 0 are encrypted by a scheme of `@waku/sdk` that nobody here has keys for (trap 17).
 */
function listeningDecoder(
  decoder: IDecoder<IDecodedMessage>,
  listener: (message: WireMessage) => void,
): IDecoder<IDecodedMessage> {
  const { contentTopic, pubsubTopic } = decoder
  return {
    contentTopic,
    pubsubTopic,
    fromWireToProtoObj: (bytes) => decoder.fromWireToProtoObj(bytes),
    fromProtoObj: (topic, { version, payload, meta, timestamp, ephemeral, contentTopic: ofMessage }) => {
      const fits =
        topic === pubsubTopic && ofMessage === contentTopic && (meta?.length ?? 0) <= MAX_META_BYTES
      if ((version ?? 0) === 0 && fits) {
        listener({
          contentTopic,
          payload: plain(payload),
          ephemeral: ephemeral === true,
          ...(meta !== undefined && meta.length > 0 && { meta: plain(meta) }),
          ...(timestamp !== undefined && { timestampNs: timestamp }),
        })
      }
      return Promise.resolve(undefined)
    },
  }
}

/** Bytes that are no Buffer. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes)
}
