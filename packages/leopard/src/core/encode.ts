import { codeOf, type Code } from './code.ts'
import type { Engine } from './engine.ts'
import type { EngineOf } from './engines.ts'
import { completeShardLength, isByteArray, LeopardShardError } from './shards.ts'
import { strips, type Strip } from './strips.ts'
import { forwardTransform, inverseTransform } from './transform.ts'

/**
 * Computes parity strip by strip. Yields the number of data bytes after each strip; other computations may
 * take place in between.
 */
export function* paritySteps(
  engineOf: EngineOf,
  data: readonly Uint8Array[],
  parityCount: number,
  into?: readonly Uint8Array<ArrayBuffer>[],
): Generator<number, Uint8Array<ArrayBuffer>[]> {
  const code = codeOf(data.length, parityCount)
  const length = completeShardLength(data)
  const parity = into === undefined ? newShards(parityCount, length) : targets(into, parityCount, length)
  if (code.path === 'copy') {
    parity[0]!.set(data[0]!)
    return parity
  }

  const engine = engineOf(code.path === 'ff16' ? 16 : 8)
  for (const strip of strips(engine, length, code.span)) {
    const memory = engine.reserve(engine.sumOffset + code.span * strip.length)
    if (code.path === 'xor') sumStrip(engine, memory, data, strip)
    else encodeStrip(engine, memory, code, data, strip)
    parity.forEach((shard, row) => {
      const address = engine.base + engine.sumOffset + row * strip.length
      shard.set(memory.subarray(address, address + strip.length), strip.from)
    })
    yield data.length * strip.length
  }
  return parity
}

function newShards(count: number, length: number): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, () => new Uint8Array(length))
}

function targets(
  into: readonly Uint8Array<ArrayBuffer>[],
  count: number,
  length: number,
): Uint8Array<ArrayBuffer>[] {
  const none = into.findIndex((shard) => !isByteArray(shard))
  if (none !== -1) {
    throw new LeopardShardError(`array ${none} of "into" expected Uint8Array, got ${typeof into[none]}`)
  }
  if (into.length !== count || into.some((shard) => shard.length !== length)) {
    throw new LeopardShardError(
      `"into" expected ${count} arrays of ${length} bytes, got ${into.length} of ${into.map((shard) => shard.length).join(', ')}`,
    )
  }
  return [...into]
}

/**
 * Computes the parity of one strip into the first `parityCount` of the sums. Missing data counts as zeros.
 * Uses `code.span` rows and sums; the memory must reach to the end of the sums.
 *
 * Each block of `span` data shards is a coset of values. Their coefficients add up to those of the
 * polynomial that takes the parity as its values on the subspace itself.
 */
export function encodeStrip(
  engine: Engine,
  memory: Uint8Array,
  { span, parityCount }: Code,
  data: readonly (Uint8Array | undefined)[],
  { from, length }: Strip,
): void {
  const { base } = engine
  const sums = base + engine.sumOffset
  let summing = false
  for (let first = 0; first < data.length; first += span) {
    // The first block is transformed where the sums belong, the others are added to it.
    const address = summing ? base : sums
    const rows = Math.min(span, data.length - first)
    let used = 0
    for (let row = 0; row < rows; row++) {
      const shard = data[first + row]
      const at = address + row * length
      if (shard === undefined) memory.fill(0, at, at + length)
      else {
        memory.set(shard.subarray(from, from + length), at)
        used = row + 1
      }
    }
    if (used === 0) continue
    memory.fill(0, address + rows * length, address + span * length)
    inverseTransform(engine, { address, count: span, pitch: length, point: span + first }, used, summing)
    summing = true
  }
  if (!summing) memory.fill(0, sums, sums + span * length)
  forwardTransform(engine, { address: sums, count: span, pitch: length, point: 0 }, parityCount)
}

/** Adds up the shards of one strip, at least one, into the first of the sums. */
export function sumStrip(
  engine: Engine,
  memory: Uint8Array,
  shards: readonly (Uint8Array | undefined)[],
  { from, length }: Strip,
): void {
  const sum = engine.base + engine.sumOffset
  let summing = false
  for (const shard of shards) {
    if (shard === undefined) continue
    memory.set(shard.subarray(from, from + length), summing ? engine.base : sum)
    if (summing) engine.add(sum, engine.base, length)
    summing = true
  }
}
