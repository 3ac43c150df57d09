import { nextPowerOfTwo } from './code.ts'
import type { Engine } from './engine.ts'
import { field, type Field } from './field.ts'
import type { Recovered, ShardSet, Survey } from './shards.ts'
import { strips } from './strips.ts'
import { forwardTransform, inverseTransform } from './transform.ts'

/**
 * Recovers many missing shards by the error locator Λ, the polynomial that is 0 where a shard is missing.
 * Λ·f is known everywhere, because it is 0 where f is not known; where it is 0, (Λ·f)′ = Λ′·f, which gives f.
 */
export function* locatorSteps(
  engine: Engine,
  { data, parity }: ShardSet,
  { code, length, missing }: Survey,
  recovered: Recovered,
): Generator<number, void> {
  const { span } = code
  const count = nextPowerOfTwo(data.length + span)
  const received = Array.from({ length: span + data.length }, (_, row) =>
    row < span ? parity[row] : data[row - span],
  )
  const logs = locator(
    field(engine.bits),
    Float64Array.from({ length: count }, (_, row) =>
      row < received.length && received[row] === undefined ? 1 : 0,
    ),
  )
  const { exp, modulus } = field(engine.bits)
  for (const strip of strips(engine, length, count + 1)) {
    const memory = engine.reserve((count + 1) * strip.length)
    const at = (row: number): number => engine.base + row * strip.length
    const spareRow = at(count)
    memory.fill(0, engine.base, spareRow)
    received.forEach((shard, row) => {
      if (shard === undefined) return
      memory.set(shard.subarray(strip.from, strip.from + strip.length), spareRow)
      engine.multiplyAdd(at(row), spareRow, strip.length, exp[logs[row]!]!)
    })
    const rows = { address: engine.base, count, pitch: strip.length, point: 0 }
    inverseTransform(engine, rows, received.length, false)
    derive(engine, count, strip.length)
    forwardTransform(engine, rows, received.length)
    for (const j of missing) {
      memory.fill(0, spareRow, spareRow + strip.length)
      engine.multiplyAdd(spareRow, at(span + j), strip.length, exp[modulus - logs[span + j]!]!)
      recovered.get(j)!.set(memory.subarray(spareRow, spareRow + strip.length), strip.from)
    }
    yield data.length * strip.length
  }
}

/**
 * The formal derivative of the coefficients in place. The basis polynomials are products of vanishing
 * polynomials, one for each bit of the index, and the derivative of each of those is 1.
 */
function derive(engine: Engine, count: number, pitch: number): void {
  for (let row = 1; row < count; row++) {
    const width = row & -row
    engine.add(engine.base + (row - width) * pitch, engine.base + row * pitch, width * pitch)
  }
}

/**
 * Logarithms of Λ where it is not 0, and of Λ′ where it is: both are products of the differences to all
 * missing elements that differ. The sums over them are a convolution, done by Walsh–Hadamard transforms
 * modulo the order of the multiplicative group.
 */
function locator({ log, bits, modulus }: Field, isMissing: Float64Array): Uint16Array {
  const count = isMissing.length
  const logs = Float64Array.from({ length: count }, (_, i) => (i === 0 ? 0 : log[i]!))
  walshHadamard(isMissing)
  walshHadamard(logs)
  const sums = logs.map((value, i) => ((value % modulus) * isMissing[i]!) % modulus)
  walshHadamard(sums)
  // The transform applied twice multiplies by count, which 2^bits / count undoes: 2^bits is 1.
  const undo = 2 ** bits / count
  return Uint16Array.from(sums, (value) => {
    const power = ((value % modulus) * undo) % modulus
    return power < 0 ? power + modulus : power
  })
}

function walshHadamard(values: Float64Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let start = 0; start < values.length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const a = values[i]!
        const b = values[i + half]!
        values[i] = a + b
        values[i + half] = a - b
      }
    }
  }
}
