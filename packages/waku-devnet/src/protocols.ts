import type { Connection } from '@libp2p/interface'

import type { Archive } from './core/archive.ts'
import type { Subscriptions } from './core/subscriptions.ts'
import type { NodeFaults } from './faults.ts'
import {
  answerFilter,
  decodeFilterRequest,
  encodeFilterReply,
  FILTER_SUBSCRIBE,
  MAX_FILTER_BYTES,
} from './filter.ts'
import {
  encodeV2,
  encodeV3,
  LIGHT_PUSH_V2,
  LIGHT_PUSH_V3,
  lightPushV2,
  lightPushV3,
  MAX_LIGHT_PUSH_BYTES,
} from './light-push.ts'
import type { LightPushHost } from './light-push.ts'
import { METADATA, metadataReply, requestedCluster } from './metadata.ts'
import type { ResolvedOptions } from './options.ts'
import type { Answer, RequestHandler } from './serve.ts'
import { answerStore, encodeStoreStatus, MAX_STORE_BYTES, STORE } from './store.ts'

/** What the protocols need of their node. */
export interface ProtocolHost extends LightPushHost {
  readonly options: ResolvedOptions
  readonly faults: NodeFaults
  readonly archive: Archive | undefined
  readonly subscriptions: Subscriptions
  now(): number
}

const MAX_METADATA_BYTES = 16 * 1024
const REFUSED = { statusCode: 503, statusDesc: 'SERVICE_UNAVAILABLE: refused by a fault' }

/** The protocols that a node serves, with its faults applied to each. */
export function protocols(host: ProtocolHost): RequestHandler[] {
  const refusal = (): boolean => host.faults.strikes(host.faults.settings.refuse)
  const handlers: RequestHandler[] = [
    {
      protocol: METADATA,
      maxRequestBytes: MAX_METADATA_BYTES,
      answer: (request, connection) => metadata(request, connection, host.options),
    },
    {
      protocol: LIGHT_PUSH_V3,
      maxRequestBytes: MAX_LIGHT_PUSH_BYTES,
      answer: (request) => (refusal() ? encodeV3('N/A', REFUSED) : lightPushV3(request, host)),
    },
    {
      protocol: LIGHT_PUSH_V2,
      maxRequestBytes: MAX_LIGHT_PUSH_BYTES,
      answer: (request) => (refusal() ? encodeV2('N/A', REFUSED) : lightPushV2(request, host)),
    },
    {
      protocol: FILTER_SUBSCRIBE,
      maxRequestBytes: MAX_FILTER_BYTES,
      answer: (request, connection) => {
        if (refusal()) return encodeFilterReply('N/A', REFUSED)
        const decoded = decodeFilterRequest(request)
        if (decoded === undefined) return undefined
        const peer = connection.remotePeer.toString()
        return answerFilter(decoded, peer, host.subscriptions, host.options.filter.maxPeers, host.now())
      },
    },
  ]
  const { archive } = host
  if (archive !== undefined) {
    handlers.push({
      protocol: STORE,
      maxRequestBytes: MAX_STORE_BYTES,
      answer: (request) =>
        refusal()
          ? encodeStoreStatus('N/A', REFUSED.statusCode, REFUSED.statusDesc)
          : answerStore(request, archive, host.now()),
    })
  }
  return handlers.map((handler) => ({
    ...handler,
    answer: (request, connection) => faulty(() => handler.answer(request, connection), host.faults),
  }))
}

async function faulty(answer: () => Promise<Answer> | Answer, faults: NodeFaults): Promise<Answer> {
  if (faults.settings.silent) return 'silence'
  const reply = await answer()
  await faults.delay()
  return faults.settings.silent ? 'silence' : reply
}

/** A peer of another cluster is told so, and then cut off. */
function metadata(request: Uint8Array, connection: Connection, options: ResolvedOptions): Uint8Array {
  const cluster = requestedCluster(request)
  if (cluster !== undefined && cluster !== options.clusterId) setImmediate(() => void connection.close())
  return metadataReply(options.clusterId, options.shards)
}
