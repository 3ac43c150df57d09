import { equalBytes } from '@reliable-channels/wire'
import type { Choice } from './choice.ts'
import { hashParts } from './hash-parts.ts'
import type { HasherFactory } from './hasher.ts'
import type { Pieces } from './jobs.ts'
import { recoverShards } from './parity.ts'
import type { Shape } from './segment-set.ts'

/** Zeros at the end of a payload that are told from filling, where the length is not on the wire. */
const MAX_ZERO_TAIL = 4096

/** All data shards, those that were lost computed from parity; `undefined` where that does not suffice, or lengths contradict. */
export function* recoverParts(shape: Shape, choice: Choice): Pieces<Uint8Array[] | undefined> {
  const { dataCount, parityCount, lengthBytes } = shape
  const data = choice.slice(0, dataCount)
  const parity = choice.slice(dataCount, dataCount + parityCount)
  const shardBytes = parity.find((shard) => shard !== undefined)?.length
  if (shardBytes === undefined) return undefined
  if (parity.some((shard) => shard !== undefined && shard.length !== shardBytes)) return undefined
  const last = dataCount - 1
  const fits = (shard: Uint8Array | undefined, index: number): boolean =>
    shard === undefined || (index < last ? shard.length === shardBytes : shard.length <= shardBytes)
  if (!data.every(fits)) return undefined
  const shards = yield* recoverShards(data, parity, shardBytes)
  const lastBytes =
    data[last]?.length ?? (lengthBytes === undefined ? shardBytes : lengthBytes - last * shardBytes)
  shards[last] = shards[last]!.subarray(0, lastBytes)
  return shards
}

/** LIP-243 does not write the payload's length: where the last data segment was lost, only the hash tells its end. */
export function* trimByHash(
  shape: Shape,
  parts: readonly Uint8Array[],
  newHasher: HasherFactory,
): Pieces<Uint8Array | undefined> {
  const last = parts.at(-1)!
  let end = last.length
  while (end > 0 && last[end - 1] === 0) end--
  const hasher = newHasher()
  yield* hashParts(hasher, [...parts.slice(0, -1), last.subarray(0, end)])
  const stop = Math.min(last.length, end + MAX_ZERO_TAIL)
  for (; end <= stop; end++) {
    if (equalBytes(hasher.clone().digest(), shape.hash)) return last.subarray(0, end)
    hasher.update(ZERO)
    yield HASH_BLOCK_BYTES
  }
  return undefined
}

const ZERO = new Uint8Array(1)
/** What a digest costs, about. */
const HASH_BLOCK_BYTES = 272
