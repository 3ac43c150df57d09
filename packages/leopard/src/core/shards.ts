import { BLOCK, codeOf, type Code } from './code.ts'

/** The shards of one code that arrived, with a hole for each other one. */
export interface ShardSet {
  /** The data shards by index. */
  readonly data: readonly (Uint8Array | undefined)[]
  /** The parity shards by index. */
  readonly parity: readonly (Uint8Array | undefined)[]
}

/** A shard is no `Uint8Array`, has another length than the rest, or one that is no multiple of 64. */
export class LeopardShardError extends RangeError {
  override readonly name = 'LeopardShardError'
  readonly code = 'ERR_LEOPARD_SHARD'
}

/** Fewer shards than data shards are there: nothing can be recovered. */
export class LeopardNotEnoughShardsError extends Error {
  override readonly name = 'LeopardNotEnoughShardsError'
  readonly code = 'ERR_LEOPARD_NOT_ENOUGH_SHARDS'
  /** How many shards it takes. */
  readonly needed: number
  /** How many are there. */
  readonly held: number

  constructor(needed: number, held: number) {
    super(`expected any ${needed} of the shards, got ${held}; wait for ${needed - held} more`)
    this.needed = needed
    this.held = held
  }
}

/**
 * Like {@link shardLength}, for shards none of which may be missing.
 *
 * @throws {@link LeopardShardError}
 */
export function completeShardLength(shards: readonly Uint8Array[]): number {
  const hole = (shards as readonly (Uint8Array | undefined)[]).findIndex((shard) => shard === undefined)
  if (hole !== -1) throw new LeopardShardError(`shard ${hole} expected Uint8Array, got undefined`)
  return shardLength(shards)
}

/** Whether a value is a `Uint8Array`, also one of another realm: a frame, a test environment. */
export function isByteArray(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) return true
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]'
}

/**
 * Checks the shards that are there against each other and returns the length of all.
 *
 * @throws {@link LeopardShardError}
 */
export function shardLength(shards: readonly (Uint8Array | undefined)[]): number {
  let length: number | undefined
  shards.forEach((shard, index) => {
    if (shard === undefined) return
    if (!isByteArray(shard)) {
      throw new LeopardShardError(`shard ${index} expected Uint8Array, got ${typeof shard}`)
    }
    length ??= shard.length
    if (shard.length !== length) {
      throw new LeopardShardError(
        `shard ${index} expected ${length} bytes like those before it, got ${shard.length}`,
      )
    }
  })
  if (length === undefined || length === 0 || length % BLOCK !== 0) {
    throw new LeopardShardError(
      `shards expected a positive multiple of ${BLOCK} bytes, got ${length}; pad the last one with zeros`,
    )
  }
  return length
}

/** The summary of a {@link ShardSet}. */
export interface Survey {
  readonly code: Code
  readonly length: number
  /** Indices of the data shards that are missing. */
  readonly missing: readonly number[]
  /** Indices of as many parity shards that are there. */
  readonly spare: readonly number[]
}

/** Shards that were missing, by index, while they are filled strip by strip. */
export type Recovered = ReadonlyMap<number, Uint8Array<ArrayBuffer>>

/**
 * Finds out what is missing and what may stand in for it.
 *
 * @throws `LeopardCountError`, {@link LeopardShardError}, {@link LeopardNotEnoughShardsError}
 */
export function survey({ data, parity }: ShardSet): Survey {
  const code = codeOf(data.length, parity.length)
  const missing = indices(data, (shard) => shard === undefined)
  const spare = indices(parity, (shard) => shard !== undefined)
  if (spare.length < missing.length) {
    throw new LeopardNotEnoughShardsError(data.length, data.length - missing.length + spare.length)
  }
  const length = shardLength([...data, ...parity])
  return { code, length, missing, spare: spare.slice(0, missing.length) }
}

function indices<T>(items: readonly T[], wanted: (item: T) => boolean): number[] {
  const found: number[] = []
  for (let index = 0; index < items.length; index++) if (wanted(items[index]!)) found.push(index)
  return found
}
