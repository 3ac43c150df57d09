import { type Observable, type Observer, type SchedulerLike, asyncScheduler } from 'rxjs'
import type { Change } from '@reliable-channels/store'
import { check, checkScheduler } from './check.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Options of {@link createDriver}. */
export interface DriverOptions<In> {
  /** Source of time and the timer. @default asyncScheduler */
  scheduler?: SchedulerLike
  /**
   * Joins other drivers: outputs are emitted at once, inside the unit, so that the next stage's changes share the write,
   * and whoever lets them out puts `committed(unitOfWork)` before it.
   * Without it the driver has a unit of its own, and its outputs are emitted after their commit.
   */
  unitOfWork?: UnitOfWork
  /** Where the changes of a driver with a unit of its own go. Without it nothing is stored. */
  write?: (changes: readonly Change[]) => Promise<void>
  /** Told of each failed write of a unit of its own, before it is tried again after `retryMs`. */
  onWriteError?: (error: unknown, attempt: number, retryMs: number) => void
  /** Put before the key of each change, so that stages may share a store. @default '' */
  keyPrefix?: string
  /** How late a timer may be, ms. @limit The machine slept: see `onLate`. @default 10_000 */
  lateMs?: number
  /** Makes the input that tells the stage of a sleep of `lateMs`, handled before the tick that was late and before anything else. */
  onLate?: (lateMs: number) => In
}

/** Takes the outputs of a stage; see {@link Driver.tell}. */
export type OutputListener<Out> = Pick<Observer<Out>, 'next'> & Partial<Observer<Out>>

/**
 * Runs a {@link Stage}: the only code that starts a timer.
 *
 * Inputs are taken one at a time; an input that arrives while one is handled (a stage that feeds itself) waits its turn.
 * Work that has fallen due is done before each input, however late the timer is.
 * The changes of a step are committed before its outputs are seen.
 */
export interface Driver<In, Out> {
  /** Hands the stage one input. */
  dispatch(input: In): void
  /** Outputs of the stage, in order. Hot. Errors when the stage threw: a bug. Completes on {@link Driver.close}. */
  readonly outputs$: Observable<Out>
  /**
   * Tells one listener the same by plain calls, before those of `outputs$`: for who has one, and no need of an observable
   * between. What it throws is reported as an uncaught error, and the stage goes on; so is an error of the stage where the
   * listener takes none. Another listener takes its place.
   */
  tell(listener: OutputListener<Out>): void
  /** Calls `callback` once the stage has no deadline left and its outputs were emitted; never after {@link Driver.close}. */
  whenIdle(callback: () => void): void
  /**
   * Calls `callback` once the inputs so far are handled, with what a step has left of them for later turns, and their
   * outputs emitted; never after {@link Driver.close}.
   */
  whenFlushed(callback: () => void): void
  /** Stops the timer, completes the outputs and ends the retries of a unit of its own. Inputs after it are ignored. */
  close(): void
}

/**
 * Checks options as {@link createDriver} does, for who makes the driver later: in an operator, when it is subscribed to.
 *
 * @throws {@link StageOptionError}
 */
export function checkDriverOptions<In>(options: DriverOptions<In>): void {
  check.object('options', options)
  const { scheduler = asyncScheduler, unitOfWork = {}, keyPrefix = '', lateMs = 10_000 } = options
  checkScheduler(scheduler)
  check.object('unitOfWork', unitOfWork)
  check.that(typeof keyPrefix === 'string', 'keyPrefix', 'a string', keyPrefix)
  check.number('lateMs', lateMs, 0)
  for (const name of ['write', 'onWriteError', 'onLate'] as const) check.callback(name, options[name])
}
