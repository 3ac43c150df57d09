import { field, multiply } from './field.ts'
import { TypeScriptEngine } from './typescript-engine.ts'

/** Words from the low to the high halves of the same symbols. */
const HIGH = 8

/**
 * Tables kept, 1 KiB each; more constants than this occur only in codes of thousands of shards.
 * @limit All are made anew.
 */
const MAX_TABLES = 4096

/**
 * The engine on GF(2^16) without WebAssembly. In every 64 bytes the low halves of 32 symbols come first,
 * then the high halves; a product is the sum of what the two halves contribute, each from a table of 256.
 */
export class TypeScriptEngine16 extends TypeScriptEngine {
  readonly #tables = new Map<number, Uint16Array>()

  constructor() {
    super(16)
  }

  override multiplyAdd(target: number, source: number, length: number, constant: number): void {
    const { words } = this
    const table = this.#table(constant)
    const shift = (source - target) >> 2
    for (let block = target >> 2, end = block + (length >> 2); block < end; block += 2 * HIGH) {
      for (let low = block; low < block + HIGH; low++) {
        const high = low + HIGH
        const x = words[low + shift]!
        const y = words[high + shift]!
        // Symbols 0 and 1, then 2 and 3, of the four in this pair of words.
        const first =
          product(table, x & 0xff, y & 0xff) | (product(table, (x >>> 8) & 0xff, (y >>> 8) & 0xff) << 16)
        const last =
          product(table, (x >>> 16) & 0xff, (y >>> 16) & 0xff) | (product(table, x >>> 24, y >>> 24) << 16)
        words[low]! ^= halves(first) | (halves(last) << 16)
        words[high]! ^= halves(first >>> 8) | (halves(last >>> 8) << 16)
      }
    }
  }

  /** Products of the 256 low halves, then of the 256 high halves. */
  #table(constant: number): Uint16Array {
    let table = this.#tables.get(constant)
    if (table === undefined) {
      if (this.#tables.size >= MAX_TABLES) this.#tables.clear()
      table = makeTable(constant)
      this.#tables.set(constant, table)
    }
    return table
  }
}

function makeTable(constant: number): Uint16Array {
  const GF = field(16)
  const table = new Uint16Array(512)
  for (let bit = 0; bit < 8; bit++) {
    const size = 1 << bit
    const low = multiply(GF, size, constant)
    const high = multiply(GF, size << 8, constant)
    for (let i = 0; i < size; i++) {
      table[size + i] = table[i]! ^ low
      table[256 + size + i] = table[256 + i]! ^ high
    }
  }
  return table
}

function product(table: Uint16Array, low: number, high: number): number {
  return table[low]! ^ table[256 + high]!
}

/** The low bytes of two symbols, side by side. */
function halves(symbols: number): number {
  return (symbols & 0xff) | ((symbols >>> 8) & 0xff00)
}
