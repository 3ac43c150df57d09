import { assertBytes, type Keccak256 } from './hasher.ts'
import type { Implementation, KeccakKernel } from './kernel.ts'
import { KernelKeccak256, hashOnKernel } from './kernel-keccak256.ts'
import { typescriptKernel } from './typescript.ts'
import { wasmKernel } from './wasm.ts'

/** Made at first use. */
let loaded: KeccakKernel | undefined

const kernel = (): KeccakKernel => (loaded ??= wasmKernel() ?? typescriptKernel())

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
  return hashOnKernel(kernel(), data)
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
  return new KernelKeccak256(kernel())
}

/**
 * Which implementation computes the hashes: `'typescript'` where WebAssembly is missing or the page's
 * Content-Security-Policy forbids it. The results are the same.
 */
export function implementation(): Implementation {
  return kernel().implementation
}
