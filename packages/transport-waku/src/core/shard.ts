/** A shard of a cluster. */
export interface Shard {
  readonly clusterId: number
  readonly shardId: number
}

/** The shards that a peer says it serves. */
export interface ServedShards {
  readonly clusterId: number
  readonly shardIds: ReadonlySet<number>
}

const BIT_VECTOR_BYTES = 130
const MAX_SHARDS = 1024

/** Reads the shard off a pubsub topic `/waku/2/rs/<cluster>/<shard>`; `undefined` for other topics. */
export function shardOf(pubsubTopic: string): Shard | undefined {
  const match = /^\/waku\/2\/rs\/(\d{1,5})\/(\d{1,4})$/.exec(pubsubTopic)
  return match === null ? undefined : { clusterId: Number(match[1]), shardId: Number(match[2]) }
}

/**
 * Reads what `@waku/sdk` keeps about a peer after the exchange of metadata: the cluster in two bytes, then either
 * a count and so many shards of two bytes, or 128 bytes of bits. `undefined` when malformed.
 */
export function decodeServedShards(bytes: Uint8Array): ServedShards | undefined {
  if (bytes.length < 3) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shardIds = new Set<number>()
  if (bytes.length === BIT_VECTOR_BYTES) {
    for (let shard = 0; shard < MAX_SHARDS; shard++) {
      if ((bytes[2 + (shard >> 3)]! & (0x80 >> (shard & 7))) !== 0) shardIds.add(shard)
    }
  } else {
    const count = bytes[2]!
    if (bytes.length < 3 + 2 * count) return undefined
    for (let i = 0; i < count; i++) shardIds.add(view.getUint16(3 + 2 * i))
  }
  return { clusterId: view.getUint16(0), shardIds }
}

/** Whether a peer is known not to serve a pubsub topic. What a peer has not told yet is not held against it. */
export function servesTopic(served: ServedShards | undefined, pubsubTopic: string): boolean {
  const shard = shardOf(pubsubTopic)
  if (served === undefined || shard === undefined) return true
  return served.clusterId === shard.clusterId && served.shardIds.has(shard.shardId)
}
