import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Protocol id of 12/WAKU2-FILTER, v2. */
export const FILTER_SUBSCRIBE = '/vac/waku/filter-subscribe/2.0.0-beta1'

/** Content topics that a service node takes in one request. */
export const MAX_TOPICS_PER_REQUEST = 100

/** What is asked of a filter service. */
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
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(requestId)
  if (request.type === 'ping') return writer.finish()
  writer.tag(2, WireType.Varint).uint32(types[request.type])
  writer.tag(10, WireType.LengthDelimited).string(request.pubsubTopic)
  for (const topic of request.contentTopics) writer.tag(11, WireType.LengthDelimited).string(topic)
  return writer.finish()
}
