import type { Keccak256 } from '@reliable-channels/keccak'
import { equalBytes } from '@reliable-channels/wire'
import type { HasherFactory } from './hasher.ts'
import { type Pieces, cut } from './jobs.ts'
import { recoverShards } from './parity.ts'
import type { Shape } from './segment-set.ts'

/** One content for each place in wire order; holes where none is chosen. */
export type Choice = readonly (Uint8Array | undefined)[]

/** The data segments of a payload that has the hash it promised. */
export interface Assembled {
  readonly parts: readonly Uint8Array[]
  /** Whether parity stood in for lost data. */
  readonly recovered: boolean
}

/** Zeros at the end of a payload that are told from filling, where the length is not on the wire. */
const MAX_ZERO_TAIL = 4096

/** Puts the chosen contents together and checks the hash. */
export function* assemble(
  shape: Shape,
  choice: Choice,
  newHasher: HasherFactory,
): Pieces<Assembled | undefined> {
  const parts = yield* dataParts(shape, choice)
  if (parts === undefined) return undefined
  const recovered = choice.slice(0, shape.dataCount).includes(undefined)
  const last = parts.length - 1
  if (recovered && shape.lengthBytes === undefined && choice[last] === undefined) {
    const trimmed = yield* trimByHash(shape, parts, newHasher)
    return trimmed && { parts: [...parts.slice(0, last), trimmed], recovered }
  }
  const hasher = newHasher()
  yield* hashParts(hasher, parts)
  return equalBytes(hasher.digest(), shape.hash) ? { parts, recovered } : undefined
}

/** All data shards as far as the choice gives or implies them; `undefined` if it does not, or if lengths contradict. */
export function* dataParts(shape: Shape, choice: Choice): Pieces<Uint8Array[] | undefined> {
  const { dataCount, parityCount, lengthBytes } = shape
  const data = choice.slice(0, dataCount)
  if (!data.includes(undefined)) return data as Uint8Array[]
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

function* hashParts(hasher: Keccak256, parts: readonly Uint8Array[]): Pieces<void> {
  for (const part of parts)
    for (const piece of cut(part)) {
      hasher.update(piece)
      yield piece.length
    }
}

/** LIP-243 does not write the payload's length: where the last data segment was lost, only the hash tells its end. */
function* trimByHash(
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
