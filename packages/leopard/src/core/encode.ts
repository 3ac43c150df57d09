import { codeOf, type Code } from './code.ts'
import type { Engine } from './engine.ts'
import type { EngineOf } from './engines.ts'
import { completeShardLength } from './shards.ts'
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
): Generator<number, Uint8Array<ArrayBuffer>[]> {
  const code = codeOf(data.length, parityCount)
  const length = completeShardLength(data)
  if (code.path === 'copy') return [Uint8Array.from(data[0]!)]

  const engine = engineOf(code.path === 'ff16' ? 16 : 8)
  const rows = 2 * code.span
  const parity = Array.from({ length: parityCount }, () => new Uint8Array(length))
  for (const strip of strips(length, rows)) {
    const memory = engine.reserve(rows * strip.length)
    if (code.path === 'xor') sumStrip(engine, memory, data, strip)
    else encodeStrip(engine, memory, code, data, strip)
    parity.forEach((shard, row) => {
      const address = engine.base + row * strip.length
      shard.set(memory.subarray(address, address + strip.length), strip.from)
    })
    yield data.length * strip.length
  }
  return parity
}

/**
 * Computes the parity of one strip: `code.span` rows at `engine.base`, of which the first `parityCount` are
 * the parity. Missing data counts as zeros. Uses `2 · code.span` rows.
 *
 * Each block of `span` data shards is a coset of values. Their coefficients add up to those of the
 * polynomial that takes the parity as its values on the subspace itself.
 */
export function encodeStrip(
  engine: Engine,
  memory: Uint8Array,
  { span }: Code,
  data: readonly (Uint8Array | undefined)[],
  { from, length }: Strip,
): void {
  const sum = engine.base
  const work = sum + span * length
  let adding = false
  for (let first = 0; first < data.length; first += span) {
    let filled = false
    for (let row = 0; row < span; row++) {
      const shard = data[first + row]
      const address = work + row * length
      if (shard === undefined) memory.fill(0, address, address + length)
      else memory.set(shard.subarray(from, from + length), address)
      filled ||= shard !== undefined
    }
    if (!filled) continue
    const rows = { address: work, count: span, pitch: length, point: span + first }
    inverseTransform(engine, rows, sum, adding)
    adding = true
  }
  if (!adding) memory.fill(0, sum, work)
  forwardTransform(engine, { address: sum, count: span, pitch: length, point: 0 })
}

/** Adds up the shards of one strip: one row at `engine.base`. Uses two rows. */
export function sumStrip(
  engine: Engine,
  memory: Uint8Array,
  shards: readonly (Uint8Array | undefined)[],
  { from, length }: Strip,
): void {
  const sum = engine.base
  const work = sum + length
  memory.fill(0, sum, work)
  for (const shard of shards) {
    if (shard === undefined) continue
    memory.set(shard.subarray(from, from + length), work)
    engine.add(sum, work, length)
  }
}
