/**
 * Pure protocol state machines and the one driver that runs them over RxJS.
 *
 * @packageDocumentation
 */
export { StageOptionError } from './check.ts'
export { committed } from './committed.ts'
export { NO_STEP } from './core/stage.ts'
export type { Frame, Stage, Step } from './core/stage.ts'
export { type Driver, type DriverOptions, type OutputListener, checkDriverOptions } from './driver.ts'
export { createDriver } from './create-driver.ts'
export { type LaneOptions, laneOperator } from './lane.ts'
export { nextTurn } from './next-turn.ts'
export { nodeModule } from './node-module.ts'
export { type OpenPort, type Port, portOperator } from './port.ts'
export { type StageOperatorOptions, stageOperator } from './stage-operator.ts'
export { type UnitOfWork, type UnitOfWorkOptions, type WriteTime, createUnitOfWork } from './unit-of-work.ts'
export { whileOpen } from './while-open.ts'
export { GaveUpWaitingError, type WaitReport, type WithinLimitOptions, withinLimit } from './within-limit.ts'
