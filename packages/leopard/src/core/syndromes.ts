import { encodeStrip } from './encode.ts'
import type { Engine } from './engine.ts'
import { field, vanishing, type Field } from './field.ts'
import type { Recovered, ShardSet, Survey } from './shards.ts'
import { strips } from './strips.ts'

/**
 * Recovers few missing shards: encodes what is there, with zeros in the holes. How the result differs from
 * the parity received is what the missing shards contribute to it; these equations are solved.
 */
export function* syndromeSteps(
  engine: Engine,
  { data, parity }: ShardSet,
  { code, length, missing, spare }: Survey,
  recovered: Recovered,
): Generator<number, void> {
  const solution = solve(field(engine.bits), code.span, missing, spare)
  const { base } = engine
  const sums = base + engine.sumOffset
  for (const strip of strips(engine, length, code.span)) {
    const memory = engine.reserve(engine.sumOffset + code.span * strip.length)
    encodeStrip(engine, memory, code, data, strip)
    // The rows are free again: the first takes the parity received, then each solution.
    const end = base + strip.length
    for (const i of spare) {
      memory.set(parity[i]!.subarray(strip.from, strip.from + strip.length), base)
      engine.add(sums + i * strip.length, base, strip.length)
    }
    missing.forEach((j, row) => {
      memory.fill(0, base, end)
      spare.forEach((i, column) => {
        const constant = solution[row * spare.length + column]!
        engine.multiplyAdd(base, sums + i * strip.length, strip.length, constant)
      })
      recovered.get(j)!.set(memory.subarray(base, end), strip.from)
    })
    yield data.length * strip.length
  }
}

/**
 * The inverse of the equations. Data x contributes s(x) / (x + y) to parity y: a Cauchy matrix with scaled
 * columns, whose inverse is known in closed form. Row j, column i is what parity `spare[i]` tells about data
 * `missing[j]`.
 */
function solve(GF: Field, span: number, missing: readonly number[], spare: readonly number[]): Uint16Array {
  const { log, exp, modulus } = GF
  const level = Math.log2(span)
  const x = missing.map((j) => span + j)
  /** Logarithm of the product of the differences to all `others` that differ. */
  const product = (element: number, others: readonly number[]): number =>
    others.reduce((sum, other) => (other === element ? sum : sum + log[element ^ other]!), 0)

  const ofX = x.map((e) => product(e, spare) - product(e, x) - log[vanishing(level, e)]!)
  const ofY = spare.map((e) => product(e, x) - product(e, spare))
  const inverse = new Uint16Array(x.length * spare.length)
  x.forEach((e, row) => {
    spare.forEach((f, column) => {
      const power = (ofX[row]! + ofY[column]! - log[e ^ f]!) % modulus
      inverse[row * spare.length + column] = exp[power < 0 ? power + modulus : power]!
    })
  })
  return inverse
}
