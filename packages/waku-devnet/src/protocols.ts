import type { Connection } from '@libp2p/interface'

import type { Archive } from './core/archive.ts'
import { QuotaLedger } from './core/quota.ts'
import { RequestLimiter, type RateLimit } from './core/rate-limiter.ts'
import type { Subscriptions } from './core/subscriptions.ts'
import type { NodeFaults } from './faults.ts'
import {
  answerFilter,
  decodeFilterRequest,
  encodeFilterReply,
  FILTER_SUBSCRIBE,
  FILTER_TOO_MANY,
  MAX_FILTER_BYTES,
} from './filter.ts'
import {
  answerLightPush,
  MAX_LIGHT_PUSH_BYTES,
  TOO_MANY_REQUESTS,
  type LightPushHost,
  type LightPushVersion,
} from './light-push.ts'
import { V2, V3 } from './light-push-versions.ts'
import { hangUp, MAX_METADATA_BYTES, METADATA, metadataReply, requestedCluster } from './metadata.ts'
import type { DevnetSettings } from './options.ts'
import { answerPeerExchange, MAX_PEER_EXCHANGE_BYTES, PEER_EXCHANGE } from './peer-exchange.ts'
import type { RequestHandler } from './serve.ts'
import { answerStore, encodeStoreStatus, MAX_STORE_BYTES, STORE } from './store.ts'

/** The parts of a node that the protocols need. */
export interface ProtocolHost extends LightPushHost {
  readonly options: DevnetSettings
  readonly faults: NodeFaults
  readonly archive: Archive | undefined
  readonly subscriptions: Subscriptions
  /** Signed records of other nodes. */
  records(): readonly Uint8Array[]
  now(): number
}

const REFUSED = { statusCode: 503, statusDesc: 'SERVICE_UNAVAILABLE: refused by a fault' }

/** The protocols that a node serves, with its faults and limits applied to each. */
export function protocols(host: ProtocolHost): RequestHandler[] {
  const { archive } = host
  const served = [metadata(host), peerExchange(host), lightPush(host, V3), lightPush(host, V2), filter(host)]
  if (archive !== undefined) served.push(store(host, archive))
  return served.map((handler) => withFaults(handler, host.faults))
}

function metadata({ options }: ProtocolHost): RequestHandler {
  return {
    protocol: METADATA,
    maxRequestBytes: MAX_METADATA_BYTES,
    answer: (request, connection) => {
      const cluster = requestedCluster(request)
      // A peer of another cluster is told so, and then cut off.
      if (cluster !== undefined && cluster !== options.clusterId) setImmediate(() => hangUp(connection))
      return metadataReply(options.clusterId, options.shards)
    },
  }
}

function peerExchange(host: ProtocolHost): RequestHandler {
  return {
    protocol: PEER_EXCHANGE,
    maxRequestBytes: MAX_PEER_EXCHANGE_BYTES,
    answer: (request) => answerPeerExchange(request, host.records()),
  }
}

function lightPush(host: ProtocolHost, version: LightPushVersion): RequestHandler {
  const { quota, rateLimits } = host.options
  const ledger = quota === undefined ? undefined : new QuotaLedger(quota)
  const tooMany = version.encode('N/A', { statusCode: 429, statusDesc: TOO_MANY_REQUESTS })
  return {
    protocol: version.protocol,
    maxRequestBytes: MAX_LIGHT_PUSH_BYTES,
    turnAway: turnAway(rateLimits.lightPush, host, tooMany),
    answer: (request, { remotePeer }) =>
      isRefused(host)
        ? version.encode('N/A', REFUSED)
        : answerLightPush(
            request,
            version,
            host,
            () => ledger?.spend(remotePeer.toString(), host.now()) ?? true,
          ),
  }
}

function filter(host: ProtocolHost): RequestHandler {
  const { filter: limits, rateLimits } = host.options
  return {
    protocol: FILTER_SUBSCRIBE,
    maxRequestBytes: MAX_FILTER_BYTES,
    turnAway: turnAway(
      rateLimits.filter,
      host,
      encodeFilterReply('N/A', { statusCode: 429, statusDesc: FILTER_TOO_MANY }),
    ),
    answer: (request, { remotePeer }) => {
      if (isRefused(host)) return encodeFilterReply('N/A', REFUSED)
      const decoded = decodeFilterRequest(request)
      if (decoded === undefined) return undefined
      return answerFilter(decoded, remotePeer.toString(), host.subscriptions, limits.maxPeers, host.now())
    },
  }
}

function store(host: ProtocolHost, archive: Archive): RequestHandler {
  return {
    protocol: STORE,
    maxRequestBytes: MAX_STORE_BYTES,
    turnAway: turnAway(
      host.options.rateLimits.store,
      host,
      encodeStoreStatus('N/A', 429, 'TOO_MANY_REQUESTS'),
    ),
    answer: (request) =>
      isRefused(host)
        ? encodeStoreStatus('N/A', REFUSED.statusCode, REFUSED.statusDesc)
        : answerStore(request, archive, host.now()),
  }
}

function turnAway(
  limit: RateLimit | false,
  host: ProtocolHost,
  tooMany: Uint8Array,
): (connection: Connection) => Uint8Array | undefined {
  if (limit === false) return () => undefined
  const limiter = new RequestLimiter(limit, host.now())
  return ({ remotePeer }) => (limiter.admit(remotePeer.toString(), host.now()) ? undefined : tooMany)
}

function isRefused({ faults }: ProtocolHost): boolean {
  return faults.strikes(faults.settings.refuse)
}

function withFaults(handler: RequestHandler, faults: NodeFaults): RequestHandler {
  return {
    ...handler,
    turnAway: (connection) => (faults.settings.silent ? undefined : handler.turnAway?.(connection)),
    answer: async (request, connection) => {
      if (faults.settings.silent) return 'silence'
      const reply = await handler.answer(request, connection)
      const isOver = await faults.delay()
      return isOver && !faults.settings.silent ? reply : 'silence'
    },
  }
}
