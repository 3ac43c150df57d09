import { BLOCK, codeOf, type Code } from './code.ts'
import { divide, field, multiply, vanishing, type Field } from './field.ts'
import { completeShardLength, survey, type ShardSet } from './shards.ts'

/*
 * The code as its definition has it: parity is a matrix times data. Slow, and therefore plain; the tests
 * hold the fast implementations equal to this one, and this one to the bytes of the C++ library.
 *
 * A code word is a polynomial of low degree, evaluated on a subspace of the field: first the parity, then
 * the data. Interpolating parity i from the data at x_j gives the factor s(x_j) / (x_i + x_j), where s is
 * the polynomial that vanishes on the elements of the parity.
 */

/** Parity by definition. Takes and gives what `encodeParity` does. */
export function referenceEncodeParity(data: readonly Uint8Array[], parityCount: number): Uint8Array[] {
  const code = codeOf(data.length, parityCount)
  const length = completeShardLength(data)
  return Array.from({ length: parityCount }, (_, i) => {
    const parity = new Uint8Array(length)
    data.forEach((shard, j) => addMultiple(code, parity, shard, factor(code, i, j)))
    return parity
  })
}

/** Recovery by Gaussian elimination. Takes and gives what `recoverData` does. */
export function referenceRecoverData(shards: ShardSet): Uint8Array[] {
  const { code, length, missing, spare } = survey(shards)
  const rows = spare.map((i) => {
    const right = Uint8Array.from(shards.parity[i]!)
    shards.data.forEach((shard, j) => {
      if (shard !== undefined) addMultiple(code, right, shard, factor(code, i, j))
    })
    return { left: missing.map((j) => factor(code, i, j)), right }
  })
  const { GF } = arithmetic(code)
  for (let column = 0; column < rows.length; column++) {
    const pivot = rows.findIndex((row, index) => index >= column && row.left[column] !== 0)
    ;[rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!]
    const chosen = rows[column]!
    const scale = divide(GF, 1, chosen.left[column]!)
    const scaled = new Uint8Array(length)
    addMultiple(code, scaled, chosen.right, scale)
    chosen.right = scaled
    chosen.left = chosen.left.map((value) => multiply(GF, value, scale))
    for (const row of rows) {
      if (row === chosen) continue
      const times = row.left[column]!
      addMultiple(code, row.right, chosen.right, times)
      row.left = row.left.map((value, index) => value ^ multiply(GF, chosen.left[index]!, times))
    }
  }
  return Array.from(shards.data, (shard, index) => shard ?? rows[missing.indexOf(index)]!.right)
}

/** The contribution of data shard j to parity shard i. */
function factor(code: Code, i: number, j: number): number {
  if (code.path === 'copy' || code.path === 'xor') return 1
  const { GF, level } = arithmetic(code)
  const x = code.span + j
  return divide(GF, vanishing(level, x), x ^ i)
}

function arithmetic(code: Code): { GF: Field; level: number } {
  return { GF: field(code.path === 'ff16' ? 16 : 8), level: Math.log2(code.span) }
}

/** Adds `times` × `source` to `target`, symbol by symbol. */
function addMultiple(code: Code, target: Uint8Array, source: Uint8Array, times: number): void {
  const { GF } = arithmetic(code)
  const products = productsOf(GF, times, 0)
  if (GF.bits === 8) {
    for (let i = 0; i < source.length; i++) target[i]! ^= products[source[i]!]!
    return
  }
  // Byte i of every 64 is the low half of a symbol, byte i + 32 its high half.
  const highProducts = productsOf(GF, times, 8)
  const half = BLOCK / 2
  for (let block = 0; block < source.length; block += 2 * half) {
    for (let low = block; low < block + half; low++) {
      const high = low + half
      const product = products[source[low]!]! ^ highProducts[source[high]!]!
      target[low]! ^= product & 0xff
      target[high]! ^= product >> 8
    }
  }
}

/** Products of the 256 values of a byte that stands `shift` bits up in a symbol; they are linear in its bits. */
function productsOf(GF: Field, times: number, shift: number): Uint16Array {
  const products = new Uint16Array(256)
  for (let bit = 1; bit < 256; bit *= 2) {
    const product = multiply(GF, bit << shift, times)
    for (let below = 0; below < bit; below++) products[bit + below] = products[below]! ^ product
  }
  return products
}
