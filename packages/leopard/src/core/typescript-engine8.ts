import { field, multiply } from './field.ts'
import { TypeScriptEngine } from './typescript-engine.ts'

const ORDER = 256

/**
 * The engine on GF(2^8) without WebAssembly: four symbols to a word, products from a table of all. It goes through each
 * run once where the sums and products of whole runs would do so several times.
 */
export class TypeScriptEngine8 extends TypeScriptEngine {
  readonly #products = products()

  constructor() {
    super(8)
  }

  override multiplyAdd(target: number, source: number, length: number, constant: number): void {
    const { words } = this
    const table = this.#table(constant)
    const shift = (source - target) >> 2
    for (let i = target >> 2, end = i + (length >> 2); i < end; i++) {
      words[i]! ^= product(table, words[i + shift]!)
    }
  }

  override inverse2(address: number, run: number, constant: number, adding: boolean): void {
    const { words } = this
    const table = this.#table(constant)
    const size = run >> 2
    const shift = adding ? this.sumOffset >> 2 : 0
    const keep = adding ? -1 : 0
    for (let i = address >> 2, end = i + size; i < end; i++) {
      const x = words[i]!
      const y = words[i + size]! ^ x
      const to = i + shift
      words[to] = (words[to]! & keep) ^ x ^ product(table, y)
      words[to + size] = (words[to + size]! & keep) ^ y
    }
  }

  override inverse4(address: number, run: number, constant: number, adding: boolean): void {
    const { words } = this
    const table01 = this.#table(constant)
    const table23 = this.#table(constant ^ 2)
    const table02 = this.#table(constant >>> 1)
    const size = run >> 2
    const shift = adding ? this.sumOffset >> 2 : 0
    const keep = adding ? -1 : 0
    for (let i = address >> 2, end = i + size; i < end; i++) {
      let a = words[i]!
      let b = words[i + size]! ^ a
      let c = words[i + 2 * size]!
      let d = words[i + 3 * size]! ^ c
      a ^= product(table01, b)
      c ^= product(table23, d)
      c ^= a
      d ^= b
      a ^= product(table02, c)
      b ^= product(table02, d)
      const to = i + shift
      words[to] = (words[to]! & keep) ^ a
      words[to + size] = (words[to + size]! & keep) ^ b
      words[to + 2 * size] = (words[to + 2 * size]! & keep) ^ c
      words[to + 3 * size] = (words[to + 3 * size]! & keep) ^ d
    }
  }

  override forward2(address: number, run: number, constant: number): void {
    const { words } = this
    const table = this.#table(constant)
    const size = run >> 2
    for (let i = address >> 2, end = i + size; i < end; i++) {
      const y = words[i + size]!
      const x = words[i]! ^ product(table, y)
      words[i] = x
      words[i + size] = y ^ x
    }
  }

  #table(constant: number): Uint8Array {
    return this.#products.subarray(constant * ORDER, (constant + 1) * ORDER)
  }
}

/** Four products at once. */
function product(table: Uint8Array, word: number): number {
  return (
    table[word & 0xff]! |
    (table[(word >>> 8) & 0xff]! << 8) |
    (table[(word >>> 16) & 0xff]! << 16) |
    (table[word >>> 24]! << 24)
  )
}

function products(): Uint8Array {
  const GF = field(8)
  return Uint8Array.from({ length: ORDER * ORDER }, (_, i) => multiply(GF, i >> 8, i & 0xff))
}
