import { encodeParitySteps, recoverDataSteps } from '@reliable-channels/leopard'
import { PIECE_BYTES, type Pieces } from './jobs.ts'
import type { SegmentCounts } from './plan.ts'

/**
 * Parity of a payload's chunks, the last of which is filled up with zeros for this alone.
 * Yields after each `stepBytes` of data.
 */
export function chunkParity(
  payload: Uint8Array,
  chunkBytes: number,
  { dataCount, parityCount }: SegmentCounts,
  stepBytes: number,
): Generator<undefined, Uint8Array[]> {
  const chunks = Array.from({ length: dataCount }, (_, index) =>
    padded(payload.subarray(index * chunkBytes, (index + 1) * chunkBytes), chunkBytes),
  )
  return encodeParitySteps(chunks, parityCount, { stepBytes })
}

/** Parity of data shards, of which the last may be short. */
export function encodeParityOf(
  data: readonly Uint8Array[],
  parityCount: number,
  shardBytes: number,
): Pieces<Uint8Array[]> {
  const shards = data.map((shard) => padded(shard, shardBytes))
  return weighed(encodeParitySteps(shards, parityCount, { stepBytes: PIECE_BYTES }))
}

/** All data shards, those missing computed from the parity. At least as many shards as data shards must be there. */
export function recoverShards(
  data: readonly (Uint8Array | undefined)[],
  parity: readonly (Uint8Array | undefined)[],
  shardBytes: number,
): Pieces<Uint8Array[]> {
  const shards = { data: data.map((shard) => shard && padded(shard, shardBytes)), parity }
  return weighed(recoverDataSteps(shards, { stepBytes: PIECE_BYTES }))
}

/** Says how much each step took. */
function* weighed<T>(steps: Generator<undefined, T>): Pieces<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    yield PIECE_BYTES
  }
}

function padded(shard: Uint8Array, shardBytes: number): Uint8Array {
  if (shard.length === shardBytes) return shard
  const full = new Uint8Array(shardBytes)
  full.set(shard)
  return full
}
