import { nextPowerOfTwo, type Code } from './code.ts'
import type { EngineOf } from './engines.ts'
import { sumStrip } from './encode.ts'
import { locatorSteps } from './locator.ts'
import { survey, type Recovered, type ShardSet, type Survey } from './shards.ts'
import { strips } from './strips.ts'
import { syndromeSteps } from './syndromes.ts'

/**
 * Recovers the missing data strip by strip. Yields the number of data bytes after each strip; other
 * computations may take place in between.
 */
export function* recoverySteps(engineOf: EngineOf, shards: ShardSet): Generator<number, Uint8Array[]> {
  const found = survey(shards)
  const { missing, length } = found
  const recovered = new Map(missing.map((index) => [index, new Uint8Array(length)]))
  if (missing.length > 0) yield* fill(engineOf, shards, found, recovered)
  return Array.from(shards.data, (shard, index) => shard ?? recovered.get(index)!)
}

function* fill(
  engineOf: EngineOf,
  shards: ShardSet,
  found: Survey,
  recovered: Recovered,
): Generator<number, void> {
  const { code, missing } = found
  if (code.path === 'copy') recovered.get(0)!.set(shards.parity[0]!)
  else if (code.path === 'xor') yield* xorSteps(engineOf, shards, found, recovered)
  else {
    const engine = engineOf(code.path === 'ff16' ? 16 : 8)
    const steps = isFew(code, missing.length) ? syndromeSteps : locatorSteps
    yield* steps(engine, shards, found, recovered)
  }
}

/**
 * Solving for e missing shards takes e² multiplications of shards, the error locator about n · log₂ n
 * whatever is missing.
 */
function isFew({ dataCount, span }: Code, missing: number): boolean {
  const n = nextPowerOfTwo(dataCount + span)
  return missing * missing <= n * Math.log2(n)
}

function* xorSteps(
  engineOf: EngineOf,
  { data, parity }: ShardSet,
  { length, missing }: Survey,
  recovered: Recovered,
): Generator<number, void> {
  const engine = engineOf(8)
  const shard = recovered.get(missing[0]!)!
  const sum = engine.base + engine.sumOffset
  for (const strip of strips(engine, length, 1)) {
    const memory = engine.reserve(engine.sumOffset + strip.length)
    sumStrip(engine, memory, [...data, ...parity], strip)
    shard.set(memory.subarray(sum, sum + strip.length), strip.from)
    yield data.length * strip.length
  }
}
