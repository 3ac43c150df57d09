import { assertBytes, type Keccak256 } from './hasher.ts'
import { loadKernel, type KeccakKernel } from './kernel.ts'
import { TypeScriptKeccak256 } from './typescript.ts'
import { WasmKeccak256, wasmKeccak256 } from './wasm.ts'

/** Made at first use; `null` once it is known that WebAssembly cannot be had. */
let loaded: KeccakKernel | null | undefined

function kernel(): KeccakKernel | null {
  if (loaded === undefined) loaded = loadKernel() ?? null
  return loaded
}

/** What computes the hashes in this process. */
export type Implementation = 'wasm' | 'typescript'

/**
 * Keccak-256 with its original padding (0x01), as Ethereum and Waku use it; not SHA3-256.
 *
 * @param data - what to hash, of any length
 * @returns the 32-byte hash
 * @throws {@link KeccakInputError} when `data` is not a `Uint8Array`
 *
 * @example
 * ```ts
 * keccak256(new TextEncoder().encode('hello')) // 1c8aff95…
 * ```
 */
export function keccak256(data: Uint8Array): Uint8Array<ArrayBuffer> {
  assertBytes(data)
  const wasm = kernel()
  return wasm ? wasmKeccak256(wasm, data) : new TypeScriptKeccak256().update(data).digest()
}

/**
 * Starts a Keccak-256 computation that takes its input in pieces. Any number may be open at once.
 *
 * @example
 * ```ts
 * createKeccak256().update(head).update(tail).digest()
 * ```
 */
export function createKeccak256(): Keccak256 {
  const wasm = kernel()
  return wasm ? new WasmKeccak256(wasm) : new TypeScriptKeccak256()
}

/**
 * Which implementation computes the hashes: `'typescript'` where WebAssembly is missing or the page's
 * Content-Security-Policy forbids it. The results are the same.
 */
export function implementation(): Implementation {
  return kernel() ? 'wasm' : 'typescript'
}
