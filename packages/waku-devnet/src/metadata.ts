import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { proto_metadata } from '@waku/proto'

/** Protocol id of 66/WAKU2-METADATA. */
export const METADATA = '/vac/waku/metadata/1.0.0'

/** Cluster and shards of the node; the shards twice, as the real node sends them: unpacked and packed. */
export function metadataReply(clusterId: number, shards: readonly number[]): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Varint).uint32(clusterId)
  for (const shard of shards) writer.tag(2, WireType.Varint).uint32(shard)
  writer.tag(3, WireType.LengthDelimited).fork()
  for (const shard of shards) writer.uint32(shard)
  return writer.join().finish()
}

/** The cluster of the peer that asks, or `undefined` when it does not say. */
export function requestedCluster(request: Uint8Array): number | undefined {
  try {
    return proto_metadata.WakuMetadataRequest.decode(request).clusterId
  } catch {
    return undefined
  }
}
