import { assertBytes, KeccakFinishedError, type Keccak256 } from './hasher.ts'
import type { KeccakKernel } from './kernel.ts'
import { RATE, STATE_BYTES } from './layout.ts'

/** Hashes `data` in one go. */
export function hashOnKernel(kernel: KeccakKernel, data: Uint8Array): Uint8Array<ArrayBuffer> {
  kernel.reset()
  return kernel.finish(data.subarray(kernel.absorbBlocks(data, 0)))
}

/** The state of a hasher between calls. */
interface Room {
  /** The state after whole blocks; meaningless while nothing was absorbed. */
  readonly state: Uint8Array
  /** The bytes after them, less than a block. */
  readonly rest: Uint8Array
}

/** Rooms of hashers that have finished: to make one takes longer than to hash a short message. */
const vacant: Room[] = []
/** Rooms kept for hashers to come. @limit A further one is left to the garbage collector. */
const MAX_VACANT = 16

/**
 * Keccak-256 on the shared kernel. Between calls the state lives here, so that any number of hashers may
 * be open and those that are dropped leave nothing behind.
 */
export class KernelKeccak256 implements Keccak256 {
  readonly #kernel: KeccakKernel
  readonly #room: Room = vacant.pop() ?? { state: new Uint8Array(STATE_BYTES), rest: new Uint8Array(RATE) }
  #absorbed = false
  #restLength = 0
  #finished = false

  constructor(kernel: KeccakKernel) {
    this.#kernel = kernel
  }

  update(data: Uint8Array): this {
    this.#assertOpen()
    assertBytes(data)
    const { state, rest } = this.#room
    const missing = RATE - this.#restLength
    if (data.length < missing) {
      rest.set(data, this.#restLength)
      this.#restLength += data.length
      return this
    }
    this.#enter()
    let position = 0
    if (this.#restLength > 0) {
      rest.set(data.subarray(0, missing), this.#restLength)
      this.#kernel.absorbBlocks(rest, 0)
      position = missing
    }
    position = this.#kernel.absorbBlocks(data, position)
    this.#kernel.save(state)
    this.#absorbed = true
    rest.set(data.subarray(position))
    this.#restLength = data.length - position
    return this
  }

  digest(): Uint8Array<ArrayBuffer> {
    this.#assertOpen()
    this.#finished = true
    this.#enter()
    const hash = this.#kernel.finish(this.#room.rest.subarray(0, this.#restLength))
    if (vacant.length < MAX_VACANT) vacant.push(this.#room)
    return hash
  }

  clone(): KernelKeccak256 {
    this.#assertOpen()
    const copy = new KernelKeccak256(this.#kernel)
    copy.#room.state.set(this.#room.state)
    copy.#absorbed = this.#absorbed
    copy.#room.rest.set(this.#room.rest)
    copy.#restLength = this.#restLength
    return copy
  }

  #enter(): void {
    if (this.#absorbed) this.#kernel.load(this.#room.state)
    else this.#kernel.reset()
  }

  #assertOpen(): void {
    if (this.#finished) throw new KeccakFinishedError()
  }
}
