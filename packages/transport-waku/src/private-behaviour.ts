import { FILTER_PUSH } from './core/filter-codec.ts'
import { type ServedShards, decodeServedShards } from './core/shard.ts'
import type { Libp2p, Stream, WakuNode } from './waku-node.ts'

/**
 * Behaviour of `@waku/sdk` and libp2p that this package relies on although they have not promised it. Each function says what
 * follows where it is not so; an update of either is checked here first.
 */

/** Takes what comes in on a protocol. */
export type StreamHandler = Parameters<Libp2p['handle']>[1]

/**
 * Has a stream left alone by the node's own light push, filter and store, which take any idle stream of their protocol
 * that has no such mark. Without it a reply may be read by somebody else, and the request fails.
 */
export function keepForOneself(stream: Stream): void {
  stream.metadata['consumed'] = true
}

/** The handler of filter pushes that is in place now; `undefined` where there is none, or where it cannot be seen. */
export function pushHandlerOf(libp2p: Libp2p): StreamHandler | undefined {
  try {
    return libp2p.components.registrar.getHandler(FILTER_PUSH).handler
  } catch {
    return undefined
  }
}

/** A stream that is another in all but what it has to say. Whoever reads it must take its source from `source`. */
export function withSource(stream: Stream, source: AsyncIterable<Uint8Array>): Stream {
  return Object.create(stream, { source: { value: source } }) as Stream
}

/**
 * Whether the node's own filter may have a subscription to a pubsub topic (`undefined` for any), as far as can be seen:
 * unless it is certain that it has none, it may.
 */
export function ownFilterMayWant({ filter }: WakuNode, pubsubTopic: string | undefined): boolean {
  const { subscriptions } = filter as unknown as { readonly subscriptions?: unknown }
  if (!(subscriptions instanceof Map)) return true
  return pubsubTopic === undefined ? subscriptions.size > 0 : subscriptions.has(pubsubTopic)
}

/**
 * The shards that a peer serves, which `@waku/sdk` keeps with it after the exchange of metadata; `undefined` when it has
 * not told, so that it is tried.
 */
export function servedShardsOf(peer: { readonly metadata: ReadonlyMap<string, Uint8Array> }): {
  readonly served: ServedShards | undefined
  /** Differs when they do. */
  readonly fingerprint: string
} {
  const bytes = peer.metadata.get('shardInfo')
  return { served: bytes && decodeServedShards(bytes), fingerprint: bytes?.join() ?? '' }
}

type ConnectionManager = Libp2p['components']['connectionManager']
/** Opens a connection to a peer, or gives the one that there is. */
export type OpenConnection = ConnectionManager['openConnection']
/** A peer id, an address, or several addresses of one peer. */
export type DialTarget = Parameters<OpenConnection>[0]

/**
 * Replaces the function by which a node opens every connection: for itself, for `@waku/sdk`, and when it reconnects.
 * Where libp2p has another way it is not seen, and ends when libp2p has it end.
 */
export function replaceOpenConnection(
  { components }: Libp2p,
  replace: (open: OpenConnection) => OpenConnection,
): void {
  const { connectionManager } = components
  connectionManager.openConnection = replace(connectionManager.openConnection.bind(connectionManager))
}

/**
 * Longest dial of one peer, ms, where the node does not say `dialTimeout`.
 *
 * @limit The dial fails, and those that joined it too.
 */
const DIAL_TIMEOUT_MS = 10_000

/** How long a node dials one peer, ms: its option `dialTimeout`, where it can be seen, else libp2p's default. */
export function dialTimeoutOf({ components }: Libp2p): number {
  const { dialQueue } = components.connectionManager as { dialQueue?: { dialTimeout?: unknown } }
  const dialTimeout = dialQueue?.dialTimeout
  return typeof dialTimeout === 'number' && dialTimeout > 0 ? dialTimeout : DIAL_TIMEOUT_MS
}
