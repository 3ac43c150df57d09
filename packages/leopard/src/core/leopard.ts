import { paritySteps } from './encode.ts'
import { bestEngine } from './engines.ts'
import { recoverySteps } from './recover.ts'
import type { ShardSet } from './shards.ts'

/** The implementation that the arithmetic runs on in this process. */
export type Implementation = 'wasm' | 'typescript'

/** Options of the functions that work in steps. */
export interface StepOptions {
  /**
   * Bytes of data between two yields, at least; a yield comes between strips.
   * @limit The work pauses until the next step is asked for.
   * @default 1_048_576
   */
  readonly stepBytes?: number
}

/** Options of the functions that make parity. */
export interface EncodeOptions {
  /**
   * Where the parity goes: `parityCount` arrays as long as the data shards, views into a larger buffer or
   * arrays that are used again. They must not overlap with the data.
   *
   * @default new arrays
   */
  readonly into?: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * Makes Leopard Reed–Solomon parity, byte for byte that of the C++ library: any `dataShards.length` of all
 * shards are enough to recover the data.
 *
 * @param dataShards - equally long, a positive multiple of 64 bytes each; read only
 * @param parityCount - from 1 to the number of data shards; together, with this number rounded up to a power
 *   of two, at most 65,536
 * @returns the parity shards, new arrays of the same length or those of `into`
 * @throws {@link LeopardCountError} when the numbers do not make a code
 * @throws {@link LeopardShardError} when the shards differ in length or the length is no multiple of 64
 *
 * @example
 * ```ts
 * const parity = encodeParity(dataShards, 4)
 * ```
 */
export function encodeParity(
  dataShards: readonly Uint8Array[],
  parityCount: number,
  { into }: EncodeOptions = {},
): Uint8Array<ArrayBuffer>[] {
  return finish(paritySteps(bestEngine, dataShards, parityCount, into))
}

/**
 * {@link encodeParity} in steps, so that a large payload does not hold up the event loop: the generator
 * yields about every `stepBytes` of data and returns the parity. The shards must not change meanwhile.
 *
 * @example
 * ```ts
 * const steps = encodeParitySteps(dataShards, 4)
 * let step = steps.next()
 * for (; !step.done; step = steps.next()) await new Promise((resolve) => setTimeout(resolve))
 * const parity = step.value
 * ```
 */
export function encodeParitySteps(
  dataShards: readonly Uint8Array[],
  parityCount: number,
  { stepBytes = 1_048_576, into }: StepOptions & EncodeOptions = {},
): Generator<undefined, Uint8Array<ArrayBuffer>[]> {
  return grouped(paritySteps(bestEngine, dataShards, parityCount, into), stepBytes)
}

/**
 * Recovers the data from any `data.length` shards of a code. A hole is `undefined`; both arrays have the
 * full length of the code, also where nothing arrived.
 *
 * @returns all data shards in order: those given as they are, the missing ones as new arrays
 * @throws {@link LeopardNotEnoughShardsError} when fewer than `data.length` shards are there
 * @throws {@link LeopardCountError} when the numbers do not make a code
 * @throws {@link LeopardShardError} when the shards differ in length or the length is no multiple of 64
 *
 * @example
 * ```ts
 * const data = recoverData({ data: [a, undefined, c], parity: [undefined, p1] })
 * ```
 */
export function recoverData(shards: ShardSet): Uint8Array[] {
  return finish(recoverySteps(bestEngine, shards))
}

/** {@link recoverData} in steps, like {@link encodeParitySteps}. */
export function recoverDataSteps(
  shards: ShardSet,
  { stepBytes = 1_048_576 }: StepOptions = {},
): Generator<undefined, Uint8Array[]> {
  return grouped(recoverySteps(bestEngine, shards), stepBytes)
}

/**
 * The implementation that the arithmetic runs on: `'typescript'` where WebAssembly or its SIMD instructions are missing or the
 * page's Content-Security-Policy forbids them. The results are the same.
 */
export function implementation(): Implementation {
  return bestEngine(8).kind
}

function finish<T>(steps: Generator<number, T>): T {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

function* grouped<T>(steps: Generator<number, T>, stepBytes: number): Generator<undefined, T> {
  let bytes = 0
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    bytes += step.value
    if (bytes < stepBytes) continue
    bytes = 0
    yield
  }
}
