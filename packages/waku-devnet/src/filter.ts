import { proto_filter_v2 } from '@waku/proto'

import type { Subscriptions } from './core/subscriptions.ts'
import { splitFields, type FieldType } from './wire.ts'

/** Protocol ids of 12/WAKU2-FILTER, v2. */
export const FILTER_SUBSCRIBE = '/vac/waku/filter-subscribe/2.0.0-beta1'
export const FILTER_PUSH = '/vac/waku/filter-push/2.0.0-beta1'

/** Longest filter request read, bytes. @limit Its stream is reset. */
export const MAX_FILTER_BYTES: number = 256 * 1024

export const FILTER_TOO_MANY = 'filter request rejected due rate limit exceeded'

/** Content topics of one filter request. @limit It is refused (400). */
const MAX_TOPICS_PER_REQUEST = 100
/**
 * Characters of a topic. Not a limit of the real node, which would keep topics of any length.
 * @limit The request is refused (400).
 */
const MAX_TOPIC_CHARACTERS = 1024
const FIELDS: Readonly<Record<number, FieldType>> = { 1: 'bytes', 2: 'varint', 10: 'bytes', 11: 'bytes' }
const { FilterSubscribeRequest, FilterSubscribeResponse } = proto_filter_v2

interface FilterStatus {
  readonly statusCode: number
  readonly statusDesc: string
}

const OK: FilterStatus = { statusCode: 200, statusDesc: 'OK' }
const NO_SUBSCRIPTIONS: FilterStatus = {
  statusCode: 404,
  statusDesc: 'NOT_FOUND: peer has no subscriptions',
}

/** A reply of the filter service. */
export function encodeFilterReply(requestId: string, status: FilterStatus): Uint8Array {
  return FilterSubscribeResponse.encode({ requestId, ...status })
}

/** Reads a filter request; `undefined` for what cannot be decoded, which gets no answer. */
export function decodeFilterRequest(request: Uint8Array): proto_filter_v2.FilterSubscribeRequest | undefined {
  if (splitFields(request, FIELDS) === undefined) return undefined
  try {
    return FilterSubscribeRequest.decode(request)
  } catch {
    return undefined
  }
}

/** Answers a filter request. */
export function answerFilter(
  request: proto_filter_v2.FilterSubscribeRequest,
  peer: string,
  subscriptions: Subscriptions,
  maxPeers: number,
  now: number,
): Uint8Array {
  return encodeFilterReply(request.requestId, status(request, peer, subscriptions, maxPeers, now))
}

function status(
  request: proto_filter_v2.FilterSubscribeRequest,
  peer: string,
  subscriptions: Subscriptions,
  maxPeers: number,
  now: number,
): FilterStatus {
  const { pubsubTopic, contentTopics } = request
  switch (request.filterSubscribeType) {
    case FilterSubscribeRequest.FilterSubscribeType.SUBSCRIBER_PING:
      return subscriptions.ping(peer, now) ? OK : NO_SUBSCRIPTIONS
    case FilterSubscribeRequest.FilterSubscribeType.UNSUBSCRIBE_ALL:
      return subscriptions.unsubscribeAll(peer, now) ? OK : NO_SUBSCRIPTIONS
    case FilterSubscribeRequest.FilterSubscribeType.SUBSCRIBE:
    case FilterSubscribeRequest.FilterSubscribeType.UNSUBSCRIBE:
      break
    default:
      return badRequest('unknown filter subscribe type')
  }
  if (pubsubTopic === undefined || pubsubTopic === '' || contentTopics.length === 0) {
    return badRequest('pubsubTopic and contentTopics must be specified')
  }
  if (contentTopics.length > MAX_TOPICS_PER_REQUEST) {
    return badRequest(`exceeds maximum content topics: ${MAX_TOPICS_PER_REQUEST}`)
  }
  if ([pubsubTopic, ...contentTopics].some(({ length }) => length > MAX_TOPIC_CHARACTERS)) {
    return badRequest(`exceeds maximum topic length: ${MAX_TOPIC_CHARACTERS}`)
  }
  if (request.filterSubscribeType === FilterSubscribeRequest.FilterSubscribeType.UNSUBSCRIBE) {
    return subscriptions.unsubscribe(peer, pubsubTopic, contentTopics, now) ? OK : NO_SUBSCRIPTIONS
  }
  switch (subscriptions.subscribe(peer, pubsubTopic, contentTopics, now)) {
    case undefined:
      return OK
    case 'too-many-criteria':
      return unavailable('peer has reached maximum number of filter criteria')
    case 'too-many-peers':
      return unavailable(`node has reached maximum number of subscriptions: ${maxPeers}`)
  }
}

function badRequest(reason: string): FilterStatus {
  return { statusCode: 400, statusDesc: `BAD_REQUEST: ${reason}` }
}

function unavailable(reason: string): FilterStatus {
  return { statusCode: 503, statusDesc: `SERVICE_UNAVAILABLE: ${reason}` }
}
