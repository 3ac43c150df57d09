import { kernelBytes } from './kernel.generated.ts'
import {
  COMPLEMENTED_LANES,
  INPUT_ADDRESS,
  INPUT_BLOCKS,
  RATE,
  STATE_ADDRESS,
  STATE_BYTES,
} from './layout.ts'

const INITIAL_STATE: Uint8Array = initialState()

/** The compiled kernel and its one page of memory, which all hashers share by turns. */
export class KeccakKernel {
  readonly #memory: Uint8Array
  readonly #absorb: (blocks: number) => void

  constructor(instance: WebAssembly.Instance) {
    const { memory, absorb } = instance.exports as {
      memory: WebAssembly.Memory
      absorb: (this: void, blocks: number) => void
    }
    this.#memory = new Uint8Array(memory.buffer)
    this.#absorb = absorb
  }

  /** Starts with an empty message. */
  reset(): void {
    this.#memory.set(INITIAL_STATE, STATE_ADDRESS)
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
    for (let i = 0; i < 32; i++) hash[i] = memory[STATE_ADDRESS + i]! ^ INITIAL_STATE[i]!
    return hash
  }
}

/** Makes the kernel, or returns `undefined` where WebAssembly is missing or forbidden. */
export function loadKernel(): KeccakKernel | undefined {
  try {
    return new KeccakKernel(new WebAssembly.Instance(new WebAssembly.Module(kernelBytes())))
  } catch {
    return undefined
  }
}

function initialState(): Uint8Array {
  const state = new Uint8Array(STATE_BYTES)
  for (const lane of COMPLEMENTED_LANES) state.fill(0xff, 8 * lane, 8 * lane + 8)
  return state
}
