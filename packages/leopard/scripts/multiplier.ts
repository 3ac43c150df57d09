import type { Code } from '../../../scripts/wasm/encoding.ts'
import { i16x8, i32, i8x16, local, v128 } from '../../../scripts/wasm/instructions.ts'
import type { WasmFunction } from '../../../scripts/wasm/module.ts'

/** Sixteen symbols in vectors: one of their bytes, or one of their low and one of their high bytes. */
export type Value = readonly number[]

/** The nibbles of sixteen symbols, lowest first, each in a byte of its own. */
export type Nibbles = readonly number[]

/**
 * Emits multiplications by constants. A product is linear in the bits of a symbol, so it is the sum of what
 * its nibbles contribute, and sixteen contributions are looked up at once in a table of sixteen bytes.
 */
export class Multiplier {
  /** Offsets at which one turn of the loop works. */
  readonly offsets: readonly number[] = [0, 16]
  /** Bytes that one turn of the loop covers. */
  readonly step: number
  readonly #fn: WasmFunction
  readonly #halves: readonly number[]
  readonly #tables: readonly number[]
  /** Tables in registers, by constant; none where they are too many for the registers. */
  readonly #held: readonly (readonly number[])[]
  readonly #mask: number

  /** The addresses of the tables of `constants` constants are in parameters from `firstTable` on. */
  constructor(fn: WasmFunction, bits: 8 | 16, firstTable: number, constants: number) {
    this.#fn = fn
    this.#halves = bits === 8 ? [0] : [0, 32]
    this.step = bits === 8 ? 32 : 64
    this.#tables = Array.from({ length: constants }, (_, i) => firstTable + i)
    const tableVectors = bits === 8 ? 2 : 8
    const held = bits === 8 || constants === 1
    this.#held = held ? this.#tables.map(() => fn.locals('v128', tableVectors)) : []
    this.#mask = fn.local('v128')
  }

  value(): Value {
    return this.#fn.locals('v128', this.#halves.length)
  }

  nibbles(): Nibbles {
    return this.#fn.locals('v128', 2 * this.#halves.length)
  }

  /** Code that must run before the loop. */
  prepare(): Code {
    return [
      ...local.set(this.#mask, v128.const(Array.from({ length: 16 }, () => 0x0f))),
      ...this.#held.flatMap((vectors, constant) =>
        vectors.flatMap((vector, i) => local.set(vector, this.#loadTable(constant, i))),
      ),
    ]
  }

  load(value: Value, pointer: number, offset: number): Code {
    return value.flatMap((part, half) => local.set(part, this.#at(pointer, offset, half)))
  }

  store(pointer: number, value: Value, offset: number): Code {
    return value.flatMap((part, half) =>
      v128.store(local.get(pointer), local.get(part), offset + this.#halves[half]!),
    )
  }

  /** value ^= other, for values and for nibbles */
  add(value: Value | Nibbles, other: Value | Nibbles): Code {
    return value.flatMap((part, half) => local.set(part, v128.xor(local.get(part), local.get(other[half]!))))
  }

  /** value ^= what the pointer points to */
  addLoaded(value: Value, pointer: number, offset: number): Code {
    return value.flatMap((part, half) =>
      local.set(part, v128.xor(local.get(part), this.#at(pointer, offset, half))),
    )
  }

  /** Takes a value apart for {@link addProduct}. */
  split(nibbles: Nibbles, value: Value): Code {
    return value.flatMap((part, half) => [
      ...local.set(nibbles[2 * half]!, v128.and(local.get(part), local.get(this.#mask))),
      ...local.set(
        nibbles[2 * half + 1]!,
        v128.and(i16x8.shrU(local.get(part), i32.const(4)), local.get(this.#mask)),
      ),
    ])
  }

  /** value ^= other × constant, where the other value is given by its nibbles */
  addProduct(value: Value, other: Nibbles, constant: number): Code {
    return value.flatMap((part, half) =>
      local.set(
        part,
        other.reduce<Code>((sum, nibble, i) => {
          const table = i * value.length + half
          return v128.xor(sum, i8x16.swizzle(this.#table(constant, table), local.get(nibble)))
        }, local.get(part)),
      ),
    )
  }

  #at(pointer: number, offset: number, half: number): Code {
    return v128.load(local.get(pointer), offset + this.#halves[half]!)
  }

  #table(constant: number, index: number): Code {
    const held = this.#held[constant]
    return held === undefined ? this.#loadTable(constant, index) : local.get(held[index]!)
  }

  #loadTable(constant: number, index: number): Code {
    return v128.load(local.get(this.#tables[constant]!), 16 * index)
  }
}
