import { type Checks, createChecks } from '@reliable-channels/options'
import type { SchedulerLike } from 'rxjs'

/** A driver, a lane or a unit of work was asked for with something that makes none: a mistake of the caller. */
export class StageOptionError extends RangeError {
  override readonly name = 'StageOptionError'
  readonly code = 'ERR_STAGE_OPTION'
}

/** Checks of arguments, which throw a {@link StageOptionError}. */
export const check: Checks = createChecks((message) => new StageOptionError(message))

/** Throws unless there is a source of time. */
export function checkScheduler(scheduler: SchedulerLike): void {
  check.object('scheduler', scheduler, 'a scheduler of rxjs')
  check.function('scheduler.schedule', scheduler.schedule)
  check.function('scheduler.now', scheduler.now)
}
