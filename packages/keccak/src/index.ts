export { createKeccak256, implementation, keccak256 } from './core/keccak256.ts'
export type { Implementation } from './core/kernel.ts'
export { KeccakFinishedError, KeccakInputError, type Keccak256 } from './core/hasher.ts'
