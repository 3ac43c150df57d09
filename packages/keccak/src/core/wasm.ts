import { kernelBytes } from './kernel.generated.ts'
import { KeccakKernel } from './kernel.ts'
import { COMPLEMENTED_LANES, STATE_BYTES } from './layout.ts'

/** The WebAssembly kernel; `undefined` where WebAssembly is missing or forbidden. */
export function wasmKernel(): KeccakKernel | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes()))
    const { memory, absorb } = exports as {
      memory: WebAssembly.Memory
      absorb: (this: void, blocks: number) => void
    }
    const initialState = new Uint8Array(STATE_BYTES)
    for (const lane of COMPLEMENTED_LANES) initialState.fill(0xff, 8 * lane, 8 * lane + 8)
    return new KeccakKernel(new Uint8Array(memory.buffer), absorb, initialState, 'wasm')
  } catch {
    return undefined
  }
}
