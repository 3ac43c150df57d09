import type { Engine } from './engine.ts'
import { field, multiply } from './field.ts'
import { kernelBytes as kernelBytes16 } from './kernel16.generated.ts'
import { kernelBytes as kernelBytes8 } from './kernel8.generated.ts'
import { layoutOf, type ShardLayout } from './layout.ts'

const PAGE = 65_536

type Kernel = Readonly<
  Record<
    'add' | 'multiplyAdd' | 'inverse2' | 'inverse2Add' | 'inverse4' | 'inverse4Add' | 'forward2' | 'forward4',
    (this: void, ...operands: number[]) => void
  >
>

/** The engine on WebAssembly SIMD. Its memory grows with the length of the code, up to {@link ShardLayout}. */
export class WasmEngine implements Engine {
  readonly bits: 8 | 16
  readonly kind = 'wasm'
  readonly base: number
  readonly sumOffset: number
  readonly #layout: ShardLayout
  readonly #kernel: Kernel
  readonly #memory: WebAssembly.Memory
  readonly #hasTable: Uint8Array
  #bytes: Uint8Array

  constructor(bits: 8 | 16, instance: WebAssembly.Instance) {
    const exported = instance.exports as { memory: WebAssembly.Memory } & Kernel
    this.bits = bits
    this.#layout = layoutOf(bits)
    this.base = this.#layout.rows
    this.sumOffset = this.#layout.sumOffset
    this.#kernel = exported
    this.#memory = exported.memory
    this.#bytes = new Uint8Array(exported.memory.buffer)
    this.#hasTable = new Uint8Array(2 ** bits)
  }

  reserve(bytes: number): Uint8Array {
    const missing = this.base + bytes - this.#bytes.length
    if (missing > 0) {
      this.#memory.grow(Math.ceil(missing / PAGE))
      this.#bytes = new Uint8Array(this.#memory.buffer)
    }
    return this.#bytes
  }

  add(target: number, source: number, length: number): void {
    this.#kernel.add(target, source, length)
  }

  multiplyAdd(target: number, source: number, length: number, constant: number): void {
    this.#kernel.multiplyAdd(target, source, length, this.#table(constant))
  }

  inverse2(address: number, run: number, constant: number, adding: boolean): void {
    const kernel = adding ? this.#kernel.inverse2Add : this.#kernel.inverse2
    kernel(address, run, this.#table(constant))
  }

  inverse4(address: number, run: number, constant: number, adding: boolean): void {
    const kernel = adding ? this.#kernel.inverse4Add : this.#kernel.inverse4
    const above = this.#table(constant >>> 1)
    kernel(address, run, this.#table(constant), this.#table(constant ^ 2), above)
  }

  forward2(address: number, run: number, constant: number): void {
    this.#kernel.forward2(address, run, this.#table(constant))
  }

  forward4(address: number, run: number, constant: number): void {
    const above = this.#table(constant >>> 1)
    this.#kernel.forward4(address, run, this.#table(constant), this.#table(constant ^ 2), above)
  }

  /** Address of the table of a constant, made at its first use. */
  #table(constant: number): number {
    const address = constant * this.#layout.tableBytes
    if (this.#hasTable[constant] === 0) {
      this.#fillTable(address, constant)
      this.#hasTable[constant] = 1
    }
    return address
  }

  /** For each nibble of a symbol the sixteen products: their low bytes, then their high bytes. */
  #fillTable(address: number, constant: number): void {
    const GF = field(this.bits)
    const bytes = this.#bytes
    const halves = this.bits / 8
    for (let nibble = 0; nibble < this.bits / 4; nibble++) {
      const low = address + 16 * halves * nibble
      for (let value = 0; value < 16; value++) {
        const product = multiply(GF, value << (4 * nibble), constant)
        bytes[low + value] = product
        if (halves === 2) bytes[low + 16 + value] = product >> 8
      }
    }
  }
}

/**
 * Makes the engine, or returns `undefined` where WebAssembly or SIMD is missing or forbidden. Where relaxed
 * SIMD is known, a faster instruction takes the place of `i8x16.swizzle`, with the same results.
 */
export function wasmEngine(bits: 8 | 16, relaxed = true): WasmEngine | undefined {
  try {
    const binary = bits === 8 ? kernelBytes8() : kernelBytes16()
    const module = new WebAssembly.Module(relaxed ? relax(binary) : binary)
    return new WasmEngine(bits, new WebAssembly.Instance(module))
  } catch {
    return relaxed ? wasmEngine(bits, false) : undefined
  }
}

/** Replaces each `i8x16.swizzle` by `i8x16.relaxed_swizzle`; the kernel's indices are below 16. */
function relax(binary: Uint8Array): Uint8Array<ArrayBuffer> {
  const relaxed = Uint8Array.from(binary)
  for (let i = 0; i + 2 < relaxed.length; i++) {
    if (relaxed[i] === 0xfd && relaxed[i + 1] === 0x8e && relaxed[i + 2] === 0x00)
      relaxed.set([0x80, 0x02], i + 1)
  }
  return relaxed
}
