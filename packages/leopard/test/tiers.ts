import { paritySteps } from '../src/core/encode.ts'
import { type EngineOf, bestEngine, typeScriptEngine } from '../src/core/engines.ts'
import { recoverySteps } from '../src/core/recover.ts'
import { referenceEncodeParity, referenceRecoverData } from '../src/core/reference.ts'
import type { ShardSet } from '../src/core/shards.ts'

/** One implementation of the code. */
export interface Tier {
  readonly name: string
  readonly encode: (data: readonly Uint8Array[], parityCount: number) => Uint8Array[]
  readonly recover: (shards: ShardSet) => Uint8Array[]
}

/** The implementations, fastest first. */
export const tiers: readonly [Tier, Tier, Tier] = [
  onEngine('WebAssembly', bestEngine),
  onEngine('fast TypeScript', typeScriptEngine),
  { name: 'reference', encode: referenceEncodeParity, recover: referenceRecoverData },
]

/** The fast implementation on an engine. */
export function onEngine(name: string, engine: EngineOf): Tier {
  return {
    name,
    encode: (data, parityCount) => finish(paritySteps(engine, data, parityCount)),
    recover: (shards) => finish(recoverySteps(engine, shards)),
  }
}

/** Takes all steps at once. */
export function finish<T>(steps: Generator<number, T>): T {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}
