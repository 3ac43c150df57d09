import { INPUT_ADDRESS, INPUT_BLOCKS, RATE, STATE_ADDRESS, STATE_BYTES } from './layout.ts'

/** The kernel that computes the hashes. */
export type Implementation = 'wasm' | 'typescript'

/** A kernel and its memory, which all hashers share by turns. */
export class KeccakKernel {
  readonly implementation: Implementation
  readonly #memory: Uint8Array
  readonly #absorb: (blocks: number) => void
  readonly #initialState: Uint8Array

  /**
   * @param absorb - takes so many blocks from the input area of `memory` into the state there
   * @param initialState - the state of an empty message, as `absorb` holds it
   */
  constructor(
    memory: Uint8Array,
    absorb: (blocks: number) => void,
    initialState: Uint8Array,
    implementation: Implementation,
  ) {
    this.#memory = memory
    this.#absorb = absorb
    this.#initialState = initialState
    this.implementation = implementation
  }

  /** Starts with an empty message. */
  reset(): void {
    this.#memory.set(this.#initialState, STATE_ADDRESS)
  }

  /** Goes on from a state that {@link save} has put aside. */
  load(state: Uint8Array): void {
    this.#memory.set(state, STATE_ADDRESS)
  }

  /** Puts the state aside. */
  save(state: Uint8Array): void {
    state.set(this.#memory.subarray(STATE_ADDRESS, STATE_ADDRESS + STATE_BYTES))
  }

  /** Absorbs the whole blocks of `data` from `start` on and returns where the rest begins. */
  absorbBlocks(data: Uint8Array, start: number): number {
    let position = start
    let blocks = Math.floor((data.length - start) / RATE)
    while (blocks > 0) {
      const count = Math.min(blocks, INPUT_BLOCKS)
      const end = position + count * RATE
      this.#memory.set(data.subarray(position, end), INPUT_ADDRESS)
      this.#absorb(count)
      position = end
      blocks -= count
    }
    return position
  }

  /** Absorbs what is left of the message, less than a block, with its padding, and returns the hash. */
  finish(rest: Uint8Array): Uint8Array<ArrayBuffer> {
    const memory = this.#memory
    memory.set(rest, INPUT_ADDRESS)
    memory.fill(0, INPUT_ADDRESS + rest.length, INPUT_ADDRESS + RATE)
    memory[INPUT_ADDRESS + rest.length] = 0x01
    memory[INPUT_ADDRESS + RATE - 1]! |= 0x80
    this.#absorb(1)
    const hash = new Uint8Array(32)
    for (let i = 0; i < 32; i++) hash[i] = memory[STATE_ADDRESS + i]! ^ this.#initialState[i]!
    return hash
  }
}
