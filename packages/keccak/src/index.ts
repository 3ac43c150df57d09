export { createKeccak256, implementation, keccak256, type Implementation } from './core/keccak256.ts'
export { KeccakFinishedError, KeccakInputError, type Keccak256 } from './core/hasher.ts'
