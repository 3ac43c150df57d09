import { assertBytes, KeccakFinishedError, type Keccak256 } from './hasher.ts'
import type { KeccakKernel } from './kernel.ts'
import { RATE, STATE_BYTES } from './layout.ts'

/** Hashes `data` in one go. */
export function hashOnKernel(kernel: KeccakKernel, data: Uint8Array): Uint8Array<ArrayBuffer> {
  kernel.reset()
  return kernel.finish(data.subarray(kernel.absorbBlocks(data, 0)))
}

/**
 * Keccak-256 on the shared kernel. Between calls the state lives here, so that any number of hashers may
 * be open and those that are dropped leave nothing behind.
 */
export class KernelKeccak256 implements Keccak256 {
  readonly #kernel: KeccakKernel
  /** The state after `#absorbed` blocks; meaningless while nothing was absorbed. */
  readonly #state = new Uint8Array(STATE_BYTES)
  #absorbed = false
  readonly #rest = new Uint8Array(RATE)
  #restLength = 0
  #finished = false

  constructor(kernel: KeccakKernel) {
    this.#kernel = kernel
  }

  update(data: Uint8Array): this {
    this.#assertOpen()
    assertBytes(data)
    const missing = RATE - this.#restLength
    if (data.length < missing) {
      this.#rest.set(data, this.#restLength)
      this.#restLength += data.length
      return this
    }
    this.#enter()
    let position = 0
    if (this.#restLength > 0) {
      this.#rest.set(data.subarray(0, missing), this.#restLength)
      this.#kernel.absorbBlocks(this.#rest, 0)
      position = missing
    }
    position = this.#kernel.absorbBlocks(data, position)
    this.#kernel.save(this.#state)
    this.#absorbed = true
    this.#rest.set(data.subarray(position))
    this.#restLength = data.length - position
    return this
  }

  digest(): Uint8Array<ArrayBuffer> {
    this.#assertOpen()
    this.#finished = true
    this.#enter()
    return this.#kernel.finish(this.#rest.subarray(0, this.#restLength))
  }

  clone(): KernelKeccak256 {
    this.#assertOpen()
    const copy = new KernelKeccak256(this.#kernel)
    copy.#state.set(this.#state)
    copy.#absorbed = this.#absorbed
    copy.#rest.set(this.#rest)
    copy.#restLength = this.#restLength
    return copy
  }

  #enter(): void {
    if (this.#absorbed) this.#kernel.load(this.#state)
    else this.#kernel.reset()
  }

  #assertOpen(): void {
    if (this.#finished) throw new KeccakFinishedError()
  }
}
