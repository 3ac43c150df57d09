import {
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  type Subscription,
  asyncScheduler,
} from 'rxjs'
import type { Change } from '@reliable-channels/store'
import { check, checkScheduler } from './check.ts'
import type { Stage, Step } from './core/stage.ts'
import { type LaneOptions, checkLane, connectLane } from './lane.ts'
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
  /** Told of each failed write of a unit of its own, before it is tried again after `retryMs`. */
  onWriteError?: (error: unknown, attempt: number, retryMs: number) => void
  /** Put before the key of each change, so that stages may share a store. @default '' */
  keyPrefix?: string
  /** How late a timer may be, ms. @limit The machine slept: see `onLate`. @default 10_000 */
  lateMs?: number
  /** Makes the input that tells the stage of a sleep of `lateMs`, handled before the tick that was late and before anything else. */
  onLate?: (lateMs: number) => In
}

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
  /** One way through the stage, as an operator: inputs of its own and some of the outputs. */
  lane<A, B>(options: LaneOptions<In, Out, A, B>): OperatorFunction<A, B>
  /** Calls `callback` once the stage has no deadline left and its outputs were emitted; never after {@link Driver.close}. */
  whenIdle(callback: () => void): void
  /** Calls `callback` once the inputs so far are handled and their outputs emitted; never after {@link Driver.close}. */
  whenFlushed(callback: () => void): void
  /** Stops the timer, completes the outputs and ends the retries of a unit of its own. Inputs after it are ignored. */
  close(): void
}

/** Longest delay that platform timers take; a later deadline is reached in several. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Makes the driver of `stage`, which nobody else may step.
 *
 * @throws {@link StageOptionError}
 * @example
 * ```ts
 * const driver = createDriver(createDebounce(50), { write: (changes) => store.write(changes) })
 * driver.outputs$.subscribe((word) => console.log(word))
 * driver.dispatch('hello')
 * ```
 */
export function createDriver<In, Out>(
  stage: Stage<In, Out>,
  options: DriverOptions<In> = {},
): Driver<In, Out> {
  checkStage(stage)
  checkDriverOptions(options)
  const { scheduler = asyncScheduler, keyPrefix = '', lateMs = 10_000, onLate, write, onWriteError } = options
  // In a common unit whoever lets the outputs out waits; with nowhere to write there is nothing to wait for.
  const emitsAtOnce = options.unitOfWork !== undefined || write === undefined
  const unit =
    options.unitOfWork ??
    createUnitOfWork({ scheduler, ...(write && { write }), ...(onWriteError && { onWriteError }) })
  const outputs = new Subject<Out>()
  const inbox: In[] = []
  let busy = false
  let closed = false
  let timer: Subscription | undefined
  let armedFor = Infinity
  let armedAt = -Infinity
  /** The last work was late, and the stage was told. */
  let toldOfLate = false
  /** Why the timer has the stage looked at, until that is done. */
  let wokenBy: 'deadline' | 'clock-set-back' | undefined
  let steps = 0
  let flushCallbacks: (() => void)[] = []
  let idleCallbacks: (() => void)[] = []

  const emit = (values: readonly Out[]): void => {
    for (const value of values) outputs.next(value)
  }

  const apply = ({ outputs: values, changes }: Step<Out>): void => {
    steps++
    if (changes.length > 0) unit.add(changes, keyPrefix)
    if (values.length === 0) return
    if (emitsAtOnce) emit(values)
    else unit.after(() => emit(values))
  }

  /** Does what has fallen due; after a sleep, what was overdue is first put off by the stage. */
  const catchUp = (now: number): void => {
    const deadline = stage.deadline()
    if (deadline === undefined || deadline > now) return
    const overdueMs = now - deadline
    // Where every timer is late (a tab in the background), work must not be put off each time.
    const isLate = onLate !== undefined && overdueMs > lateMs && !toldOfLate
    toldOfLate = isLate
    if (isLate) {
      apply(stage.handle(onLate(overdueMs), now))
      if ((stage.deadline() ?? Infinity) > now) return
    }
    apply(stage.tick(now))
  }

  const work = (): void => {
    if (wokenBy === 'clock-set-back') apply(stage.tick(scheduler.now()))
    else if (wokenBy === 'deadline') catchUp(scheduler.now())
    wokenBy = undefined
    for (let i = 0; i < inbox.length; i++) {
      const now = scheduler.now()
      // Timers may be held back: what is due comes first whatever wakes the driver, so that no input sees, and no deadline
      // that it sets follows, what should have been done before.
      catchUp(now)
      apply(stage.handle(inbox[i]!, now))
    }
    inbox.length = 0
  }

  const stop = (): void => {
    closed = true
    inbox.length = 0
    flushCallbacks = []
    idleCallbacks = []
    timer?.unsubscribe()
  }

  /** Does all that is there to do; what falls together is one unit of work. */
  const run = (): void => {
    busy = true
    try {
      // Outputs emitted at the end of a unit may feed the stage again.
      do unit.run(work)
      while (inbox.length > 0)
    } catch (error) {
      stop()
      // Outputs from before the error are seen first.
      unit.after(() => outputs.error(error))
    } finally {
      busy = false
    }
    if (!closed) settle()
  }

  /** After the work: callbacks that waited for it, and the timer. */
  const settle = (): void => {
    const deadline = stage.deadline()
    if (deadline === undefined) disarm()
    else if (deadline < armedFor) arm(deadline)
    if (flushCallbacks.length > 0) {
      for (const callback of flushCallbacks.splice(0)) unit.after(callback)
    }
    if (deadline === undefined && idleCallbacks.length > 0) {
      for (const callback of idleCallbacks.splice(0)) afterQuietly(callback)
    }
  }

  /** A timer with nothing to do would keep a process alive. */
  const disarm = (): void => {
    if (armedFor === Infinity) return
    timer?.unsubscribe()
    armedFor = Infinity
  }

  /** Calls back once what was put out is seen, unless that made the stage go on. */
  const afterQuietly = (callback: () => void): void => {
    const stepsBefore = steps
    unit.after(() => (steps === stepsBefore && inbox.length === 0 ? callback() : driver.whenIdle(callback)))
  }

  /** A timer that fires early finds nothing due and arms again, which is cheaper than moving it at each step. */
  const arm = (deadline: number): void => {
    timer?.unsubscribe()
    armedFor = deadline
    armedAt = scheduler.now()
    const delay = Math.min(Math.max(deadline - armedAt, 0), MAX_DELAY_MS)
    timer = scheduler.schedule(wake, delay)
  }

  const wake = (): void => {
    armedFor = Infinity
    const deadline = stage.deadline()
    if (closed || deadline === undefined) return
    const now = scheduler.now()
    // A clock that was set back: the stage may want another deadline by the new time.
    const setBack = now < armedAt
    if (deadline > now && !setBack) return arm(deadline)
    wokenBy = setBack ? 'clock-set-back' : 'deadline'
    run()
  }

  const driver: Driver<In, Out> = {
    dispatch(input) {
      if (closed) return
      inbox.push(input)
      if (!busy) run()
    },
    outputs$: outputs.asObservable(),
    lane(laneOptions) {
      checkLane(laneOptions)
      return (source) => new Observable((subscriber) => connectLane(driver, laneOptions, source, subscriber))
    },
    whenIdle(callback) {
      if (closed) return
      idleCallbacks.push(callback)
      if (!busy) settle()
    },
    whenFlushed(callback) {
      if (closed) return
      flushCallbacks.push(callback)
      if (!busy) settle()
    },
    close() {
      if (closed) return
      stop()
      unit.after(() => outputs.complete())
      if (options.unitOfWork === undefined) unit.close()
    },
  }
  return driver
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

function checkStage<In, Out>(stage: Stage<In, Out>): void {
  check.object('stage', stage, 'a stage')
  for (const name of ['handle', 'tick', 'deadline'] as const) check.function(`stage.${name}`, stage[name])
}
