import { equalBytes } from '@reliable-channels/wire'
import type { Choice } from './choice.ts'
import type { HasherFactory } from './hasher.ts'
import { hashParts } from './hash-parts.ts'
import type { Pieces } from './jobs.ts'
import { recoverParts, trimByHash } from './recover.ts'
import type { Shape } from './segment-set.ts'

/** The data segments of a payload that has the hash it promised. */
export interface Assembled {
  readonly parts: readonly Uint8Array[]
  /** Whether parity stood in for lost data. */
  readonly recovered: boolean
}

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
  const data = choice.slice(0, shape.dataCount)
  if (!data.includes(undefined)) return data as Uint8Array[]
  return yield* recoverParts(shape, choice)
}
