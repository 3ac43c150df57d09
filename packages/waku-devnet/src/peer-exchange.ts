import type { PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { EnrCreator } from '@waku/enr'
import { proto_peer_exchange } from '@waku/proto'

import { rlpBytes, rlpList } from './rlp.ts'

/** Protocol id of 34/WAKU2-PEER-EXCHANGE. */
export const PEER_EXCHANGE = '/vac/waku/peer-exchange/2.0.0-alpha1'

/** Longest request read. */
export const MAX_PEER_EXCHANGE_BYTES: number = 1024

const { PeerExchangeRPC } = proto_peer_exchange

/** From so many shards on, a record has a bit for each shard of the cluster instead of a list. */
const MIN_BIT_VECTOR = 64
const BIT_VECTOR_BYTES = 128

/** Content of the record of a node. */
export interface NodeRecord {
  /** A secp256k1 key; the peer id follows from it. */
  readonly privateKey: PrivateKey
  /** WebSocket address of the node, with or without its peer id. */
  readonly address: string
  readonly clusterId: number
  readonly shards: readonly number[]
  readonly hasStore: boolean
}

/** The signed record (31/WAKU2-ENR) by which a node makes itself known. */
export async function encodeRecord(node: NodeRecord): Promise<Uint8Array> {
  const { privateKey, address, clusterId, shards, hasStore } = node
  const field = shards.length >= MIN_BIT_VECTOR ? 'rsv' : 'rs'
  const enr = EnrCreator.fromPublicKey(privateKey.publicKey.raw, { [field]: relayShards(clusterId, shards) })
  const own = multiaddr(address)
  enr.multiaddrs = [own.decapsulateCode(P2P)]
  enr.waku2 = { relay: true, store: hasStore, filter: true, lightPush: true }
  const fields = [...enr].sort(([a], [b]) => (a < b ? -1 : 1))
  const content = [
    rlpBytes(new Uint8Array([Number(enr.seq)])),
    ...fields.flatMap(([name, value]) => [rlpBytes(Buffer.from(name)), rlpBytes(value)]),
  ]
  const signature = await enr.sign(rlpList(content), privateKey.raw)
  return rlpList([rlpBytes(signature), ...content])
}

/** Answers a request for peers with as many of these records as it asks for; `undefined` for garbage. */
export function answerPeerExchange(
  request: Uint8Array,
  records: readonly Uint8Array[],
): Uint8Array | undefined {
  try {
    const { numPeers = 0n } = PeerExchangeRPC.decode(request).query ?? {}
    const count = Number(numPeers < BigInt(records.length) ? numPeers : BigInt(records.length))
    return PeerExchangeRPC.encode({
      response: { peerInfos: records.slice(0, count).map((enr) => ({ enr })) },
    })
  } catch {
    return undefined
  }
}

/** Code of the peer id in an address. */
const P2P = 421

/** Cluster and shards as 51/WAKU2-RELAY-SHARDING puts them into a record. */
function relayShards(clusterId: number, shards: readonly number[]): Uint8Array {
  if (shards.length >= MIN_BIT_VECTOR) {
    const bits = Buffer.alloc(2 + BIT_VECTOR_BYTES)
    bits.writeUInt16BE(clusterId)
    for (const shard of shards) {
      const at = 2 + (shard >> 3)
      bits.writeUInt8(bits.readUInt8(at) | (0x80 >> (shard & 7)), at)
    }
    return bits
  }
  const list = Buffer.alloc(3 + 2 * shards.length)
  list.writeUInt16BE(clusterId)
  list.writeUInt8(shards.length, 2)
  for (const [index, shard] of shards.entries()) list.writeUInt16BE(shard, 3 + 2 * index)
  return list
}
