import { WireReader, WireWriter, readFields } from '@reliable-channels/wire'

import { type WireMessage, decodeWireMessage } from './message.ts'

/** Protocol ids of 12/WAKU2-FILTER, v2. */
export const FILTER_SUBSCRIBE = '/vac/waku/filter-subscribe/2.0.0-beta1'
export const FILTER_PUSH = '/vac/waku/filter-push/2.0.0-beta1'

/** Content topics that a service node takes in one request. @limit Further ones go into another. */
export const MAX_TOPICS_PER_REQUEST = 100

/** A request to a filter service. */
export type FilterRequest =
  | { readonly type: 'ping' }
  | {
      readonly type: 'subscribe' | 'unsubscribe'
      readonly pubsubTopic: string
      readonly contentTopics: readonly string[]
    }

const types = { ping: 0, subscribe: 1, unsubscribe: 2 }

/** Encodes a filter request. */
export function encodeFilterRequest(requestId: string, request: FilterRequest): Uint8Array {
  const writer = new WireWriter().text(1, requestId)
  if (request.type === 'ping') return writer.finish()
  writer.varint(2, types[request.type])
  writer.text(10, request.pubsubTopic)
  for (const topic of request.contentTopics) writer.text(11, topic)
  return writer.finish()
}

/** A message that a filter service delivers; its bytes are views. */
export interface FilterPush {
  readonly pubsubTopic: string
  readonly message: WireMessage
}

/** Field numbers × 8 + wire types of a push. */
const TAG = { message: 10, pubsubTopic: 18 } as const

/** Reads a push; `undefined` for what is malformed, and for messages that {@link decodeWireMessage} does not read. */
export function decodeFilterPush(bytes: Uint8Array): FilterPush | undefined {
  let encoded: Uint8Array | undefined
  let pubsubTopic: string | undefined
  const reader = new WireReader(bytes)
  const wellFormed = readFields(reader, (tag) => {
    if (tag === TAG.message) encoded = reader.view()
    else if (tag === TAG.pubsubTopic) pubsubTopic = reader.text()
    else return false
    return true
  })
  const message = encoded && wellFormed ? decodeWireMessage(encoded) : undefined
  return pubsubTopic === undefined || message === undefined ? undefined : { pubsubTopic, message }
}
