import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import { proto_metadata } from '@waku/proto'
import { decode, encode } from 'it-length-prefixed'

import { asError } from './as-error.ts'

/** Protocol id of 66/WAKU2-METADATA. */
export const METADATA = '/vac/waku/metadata/1.0.0'

/** Longest request or reply read. */
export const MAX_METADATA_BYTES: number = 16 * 1024

const ASK_TIMEOUT_MS = 10_000

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

/** Asks a peer for its cluster, telling it ours; `undefined` when it does not say. */
async function askCluster(connection: Connection, ours: Uint8Array): Promise<number | undefined> {
  const stream = await connection.newStream(METADATA, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) })
  const limit = setTimeout(() => stream.abort(new Error('no metadata in time')), ASK_TIMEOUT_MS)
  try {
    await stream.sink([encode.single(ours)])
    let cluster: number | undefined
    for await (const reply of decode(stream.source, { maxDataLength: MAX_METADATA_BYTES })) {
      cluster ??= requestedCluster(reply.subarray())
    }
    return cluster
  } catch (error) {
    stream.abort(asError(error))
    throw error
  } finally {
    clearTimeout(limit)
  }
}

/** Exchanges metadata with every peer that speaks it, and hangs up on those of another cluster. */
export function greetPeers(libp2p: Libp2p, clusterId: number, shards: readonly number[]): void {
  const ours = metadataReply(clusterId, shards)
  libp2p.addEventListener('peer:identify', ({ detail: { connection, protocols } }) => {
    if (!protocols.includes(METADATA)) return
    askCluster(connection, ours).then(
      (cluster) => {
        if (cluster !== undefined && cluster !== clusterId) hangUp(connection)
      },
      () => {
        // A peer that does not answer is judged by what it asks for.
      },
    )
  })
}

/** Closes a connection; one that resists is cut. */
export function hangUp(connection: Connection): void {
  connection.close().catch((error: unknown) => {
    connection.abort(asError(error))
  })
}
