import { Observable, type OperatorFunction } from 'rxjs'
import type { Stage } from './core/stage.ts'
import { type DriverOptions, checkDriverOptions } from './driver.ts'
import { createDriver } from './create-driver.ts'
import { check } from './check.ts'
import { type LaneOptions, checkLane, connectLane } from './lane.ts'

/** Options of {@link stageOperator}: those of the lane and of the driver. */
export interface StageOperatorOptions<In, Out, A, B> extends LaneOptions<In, Out, A, B>, DriverOptions<In> {}

/**
 * One stage alone as an operator: a stage and a driver of its own for each subscription, closed with it.
 *
 * @throws {@link StageOptionError}
 * @param createStage Makes the stage; called once for each subscription.
 * @example
 * ```ts
 * words$.pipe(stageOperator(() => createDebounce(50), { input: (word: string) => word, output: (word) => word }))
 * ```
 */
export function stageOperator<In, Out, A, B>(
  createStage: () => Stage<In, Out>,
  options: StageOperatorOptions<In, Out, A, B>,
): OperatorFunction<A, B> {
  check.function('createStage', createStage)
  checkLane(options)
  checkDriverOptions(options)
  return (source) =>
    new Observable((subscriber) => {
      const driver = createDriver(createStage(), options)
      subscriber.add(() => driver.close())
      connectLane(driver, options, source, subscriber)
    })
}
