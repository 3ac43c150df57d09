import { Observable, type OperatorFunction, type SchedulerLike, Subject, type Subscription, asyncScheduler } from 'rxjs'
import type { Change } from '@reliable-channels/store'
import type { Stage, Step } from './core/stage.ts'
import { connectLane, type LaneOptions } from './lane.ts'
import { type UnitOfWork, createUnitOfWork } from './unit-of-work.ts'

/** Options of {@link createDriver}. */
export interface DriverOptions<In> {
  /** Source of time and the timer. @default asyncScheduler */
  scheduler?: SchedulerLike
  /**
   * Joins other drivers: outputs are emitted at once, inside the unit, so that the next stage's changes share the write,
   * and whoever lets them out puts `unitOfWork.committed()` before it.
   * Without it the driver has a unit of its own, and its outputs are emitted after their commit.
   */
  unitOfWork?: UnitOfWork
  /** Where the changes of a driver with a unit of its own go. Without it nothing is stored. */
  write?: (changes: readonly Change[]) => Promise<void>
  /** Put before the key of each change, so that stages may share a store. @default '' */
  keyPrefix?: string
  /** A timer this late (ms) means that the machine slept; see `onLate`. @default 10_000 */
  lateMs?: number
  /** Makes the input that tells the stage of a sleep of `lateMs`, handled before the tick that was late. */
  onLate?: (lateMs: number) => In
}

/**
 * Runs a {@link Stage}: the only code that starts a timer.
 *
 * Inputs are taken one at a time; an input that arrives while one is handled (a stage that feeds itself) waits its turn.
 * The changes of a step are committed before its outputs are seen.
 */
export interface Driver<In, Out> {
  /** Hands the stage one input. */
  dispatch(input: In): void
  /** What the stage put out, in order. Hot. Errors when the stage threw: a bug. Completes on {@link Driver.close}. */
  readonly outputs$: Observable<Out>
  /** One way through the stage, as an operator: inputs of its own and some of the outputs. */
  lane<A, B>(options: LaneOptions<In, Out, A, B>): OperatorFunction<A, B>
  /** Calls `callback` once the stage has no deadline left and its outputs so far were emitted. */
  whenIdle(callback: () => void): void
  /** Calls `callback` when all outputs so far were emitted. */
  whenFlushed(callback: () => void): void
  /** The driver's time, ms. */
  now(): number
  /** Stops the timer and completes the outputs. Inputs after it are ignored. */
  close(): void
}

/** Longest delay that platform timers take; a later deadline is reached in several. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Makes the driver of `stage`, which nobody else may step. */
export function createDriver<In, Out>(stage: Stage<In, Out>, options: DriverOptions<In> = {}): Driver<In, Out> {
  const { scheduler = asyncScheduler, keyPrefix = '', lateMs = 10_000, onLate } = options
  const joined = options.unitOfWork !== undefined
  const unit = options.unitOfWork ?? createUnitOfWork({ scheduler, ...(options.write && { write: options.write }) })
  const outputs = new Subject<Out>()
  const inbox: In[] = []
  let busy = false
  let closed = false
  let timer: Subscription | undefined
  let armedFor = Infinity
  let idleCallbacks: (() => void)[] = []

  const emit = (step: Step<Out>): void => {
    for (const output of step.outputs) outputs.next(output)
  }

  const apply = (step: Step<Out>): void => {
    if (step.changes.length > 0) unit.add(step.changes, keyPrefix)
    if (step.outputs.length === 0) return
    if (joined) emit(step)
    else unit.after(() => emit(step))
  }

  const fail = (error: unknown): void => {
    stop()
    outputs.error(error)
  }

  const stop = (): void => {
    closed = true
    inbox.length = 0
    idleCallbacks = []
    timer?.unsubscribe()
  }

  /** Runs `first`, then whatever came into the inbox meanwhile, as one unit of work. */
  const step = (first?: () => Step<Out>): void => {
    busy = true
    try {
      unit.run(() => {
        if (first !== undefined) apply(first())
        for (let i = 0; i < inbox.length; i++) apply(stage.handle(inbox[i]!, scheduler.now()))
        inbox.length = 0
      })
    } catch (error) {
      fail(error)
    } finally {
      busy = false
    }
    if (!closed) settle()
  }

  const settle = (): void => {
    // Outputs emitted at the end of the unit may have fed the stage again.
    if (inbox.length > 0) return step()
    const deadline = stage.deadline()
    if (deadline === undefined) {
      if (idleCallbacks.length > 0) {
        for (const callback of idleCallbacks) unit.after(callback)
        idleCallbacks = []
      }
    } else if (deadline < armedFor) {
      arm(deadline)
    }
  }

  /** A timer that fires early finds nothing due and arms again, which is cheaper than moving it at each step. */
  const arm = (deadline: number): void => {
    timer?.unsubscribe()
    armedFor = deadline
    const delay = Math.min(Math.max(deadline - scheduler.now(), 0), MAX_DELAY_MS)
    timer = scheduler.schedule(wake, delay)
  }

  const wake = (): void => {
    armedFor = Infinity
    const deadline = stage.deadline()
    if (closed || deadline === undefined) return
    const now = scheduler.now()
    if (deadline > now) return arm(deadline)
    if (onLate !== undefined && now - deadline > lateMs) {
      driver.dispatch(onLate(now - deadline))
      if ((stage.deadline() ?? Infinity) > now) return
    }
    step(() => stage.tick(now))
  }

  const driver: Driver<In, Out> = {
    dispatch(input) {
      if (closed) return
      inbox.push(input)
      if (!busy) step()
    },
    outputs$: outputs.asObservable(),
    lane: (laneOptions) => (source) =>
      new Observable((subscriber) => connectLane(driver, laneOptions, source, subscriber)),
    whenIdle(callback) {
      idleCallbacks.push(callback)
      if (!busy && !closed) settle()
    },
    whenFlushed: (callback) => unit.after(callback),
    now: () => scheduler.now(),
    close() {
      if (closed) return
      stop()
      unit.after(() => outputs.complete())
    },
  }
  return driver
}
