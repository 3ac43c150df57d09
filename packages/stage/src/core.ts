export { EntryNumbers, areConcurrent } from './core/entry-numbers.ts'
export { SparseMap, SparseSet } from './core/sparse-map.ts'
export { NO_STEP } from './core/stage.ts'
export type { Frame, Stage, Step } from './core/stage.ts'
