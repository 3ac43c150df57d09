export { EntryNumbers, areConcurrent } from './core/entry-numbers.ts'
export { NO_STEP } from './core/stage.ts'
export type { Frame, Stage, Step } from './core/stage.ts'
