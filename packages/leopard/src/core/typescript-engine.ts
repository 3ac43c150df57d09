import type { Engine } from './engine.ts'
import { layoutOf } from './layout.ts'

/**
 * The common part of the engines without WebAssembly: all arithmetic, as sums and products of whole runs. Symbols lie in
 * words of 32 bits.
 */
export abstract class TypeScriptEngine implements Engine {
  readonly bits: 8 | 16
  readonly kind = 'typescript'
  readonly base = 0
  readonly sumOffset: number
  protected words: Int32Array<ArrayBuffer> = new Int32Array(0)
  #bytes = new Uint8Array(0)

  constructor(bits: 8 | 16) {
    this.bits = bits
    this.sumOffset = layoutOf(bits).sumOffset
  }

  abstract multiplyAdd(target: number, source: number, length: number, constant: number): void

  reserve(bytes: number): Uint8Array {
    if (bytes > this.#bytes.length) {
      this.#bytes = new Uint8Array(bytes)
      this.words = new Int32Array(this.#bytes.buffer)
    }
    return this.#bytes
  }

  add(target: number, source: number, length: number): void {
    const { words } = this
    const shift = (source - target) >> 2
    for (let i = target >> 2, end = i + (length >> 2); i < end; i++) words[i]! ^= words[i + shift]!
  }

  inverse2(address: number, run: number, constant: number, adding: boolean): void {
    this.add(address + run, address, run)
    this.multiplyAdd(address, address + run, run, constant)
    if (adding) this.add(address + this.sumOffset, address, 2 * run)
  }

  inverse4(address: number, run: number, constant: number, adding: boolean): void {
    this.inverse2(address, run, constant, false)
    this.inverse2(address + 2 * run, run, constant ^ 2, false)
    this.inverse2(address, 2 * run, constant >>> 1, adding)
  }

  forward2(address: number, run: number, constant: number): void {
    this.multiplyAdd(address, address + run, run, constant)
    this.add(address + run, address, run)
  }

  forward4(address: number, run: number, constant: number): void {
    this.forward2(address, 2 * run, constant >>> 1)
    this.forward2(address, run, constant)
    this.forward2(address + 2 * run, run, constant ^ 2)
  }
}
