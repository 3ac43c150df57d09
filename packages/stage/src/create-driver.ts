import {
  type Observable,
  type Observer,
  type SchedulerLike,
  Subject,
  type Unsubscribable,
  asyncScheduler,
} from 'rxjs'
import { check } from './check.ts'
import type { Stage, Step } from './core/stage.ts'
import { reportUncaught } from './guarded.ts'
import { nextTurn } from './next-turn.ts'
import { type UnitOfWork, createUnitOfWork } from './unit-of-work.ts'
import { type Driver, type DriverOptions, type OutputListener, checkDriverOptions } from './driver.ts'

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
  return new StageDriver(stage, options)
}

/** A class and not functions around variables: a process has thousands, and what they hold counts. */
class StageDriver<In, Out> implements Driver<In, Out> {
  /** Made for who asks. */
  #outputs: Subject<Out> | undefined
  #listener: OutputListener<Out> | undefined
  /** How the outputs have ended. */
  #end: Notification | undefined
  readonly #stage: Stage<In, Out>
  readonly #scheduler: SchedulerLike
  readonly #unit: UnitOfWork
  readonly #keyPrefix: string
  readonly #lateMs: number
  readonly #onLate: ((lateMs: number) => In) | undefined
  /** The unit is its own. */
  readonly #hasOwnUnit: boolean
  readonly #emitsAtOnce: boolean
  /** An input that finds nothing under way; most do. */
  #first: In | undefined
  #hasFirst = false
  /** Those that came while one was handled. */
  #inbox: In[] = []
  #busy = false
  #closed = false
  #timer: Unsubscribable | undefined
  #armedFor = Infinity
  #armedAt = -Infinity
  /** The last work was late, and the stage was told. */
  #toldOfLate = false
  /** Why the timer has the stage looked at, until that is done. */
  #wokenBy: 'deadline' | 'clock-set-back' | undefined
  #steps = 0
  #flushCallbacks: (() => void)[] | undefined
  #idleCallbacks: (() => void)[] | undefined
  readonly #work = (): void => this.#doWork()
  readonly #onTime = (): void => this.#wake()

  constructor(stage: Stage<In, Out>, options: DriverOptions<In>) {
    const { scheduler = asyncScheduler, keyPrefix = '', lateMs = 10_000 } = options
    const { onLate, write, onWriteError, unitOfWork } = options
    this.#stage = stage
    this.#scheduler = scheduler
    this.#keyPrefix = keyPrefix
    this.#lateMs = lateMs
    this.#onLate = onLate
    this.#hasOwnUnit = unitOfWork === undefined
    // In a common unit whoever lets the outputs out waits; with nowhere to write there is nothing to wait for.
    this.#emitsAtOnce = unitOfWork !== undefined || write === undefined
    this.#unit =
      unitOfWork ??
      createUnitOfWork({ scheduler, ...(write && { write }), ...(onWriteError && { onWriteError }) })
  }

  get outputs$(): Observable<Out> {
    if (this.#outputs === undefined) {
      this.#outputs = new Subject<Out>()
      if (this.#end !== undefined) endOf(this.#outputs, this.#end)
    }
    return this.#outputs.asObservable()
  }

  tell(listener: OutputListener<Out>): void {
    this.#listener = listener
  }

  dispatch(input: In): void {
    if (this.#closed) return
    if (this.#busy) return void this.#inbox.push(input)
    this.#first = input
    this.#hasFirst = true
    this.#run()
  }

  whenIdle(callback: () => void): void {
    if (this.#closed) return
    this.#idleCallbacks ??= []
    this.#idleCallbacks.push(callback)
    if (!this.#busy) this.#settle()
  }

  whenFlushed(callback: () => void): void {
    if (this.#closed) return
    this.#flushCallbacks ??= []
    this.#flushCallbacks.push(callback)
    if (!this.#busy) this.#settle()
  }

  close(): void {
    if (this.#closed) return
    this.#stop()
    this.#unit.after(() => this.#endWith({ type: 'complete' }))
    if (this.#hasOwnUnit) this.#unit.close()
  }

  #emit(values: readonly Out[]): void {
    for (const value of values) {
      // One that came after the end of the stage would be the first after `complete`.
      if (this.#end !== undefined) return
      this.#tellOne(value)
      this.#outputs?.next(value)
    }
  }

  #tellOne(value: Out): void {
    try {
      this.#listener?.next(value)
    } catch (error) {
      reportUncaught(error)
    }
  }

  #endWith(end: Notification): void {
    if (this.#end !== undefined) return
    this.#end = end
    if (this.#listener !== undefined) endOf(this.#listener, end)
    if (this.#outputs !== undefined) endOf(this.#outputs, end)
  }

  #apply({ outputs: values, changes }: Step<Out>): void {
    this.#steps++
    if (changes.length > 0) this.#unit.add(changes, this.#keyPrefix)
    if (values.length === 0) return
    if (this.#emitsAtOnce) this.#emit(values)
    else this.#unit.after(() => this.#emit(values))
  }

  /** Does what has fallen due; after a sleep, what was overdue is first put off by the stage. */
  #catchUp(now: number): void {
    const stage = this.#stage
    const deadline = stage.deadline()
    if (deadline === undefined || deadline > now) return
    const overdueMs = now - deadline
    // Where every timer is late (a tab in the background), work must not be put off each time.
    const onLate = overdueMs > this.#lateMs && !this.#toldOfLate ? this.#onLate : undefined
    this.#toldOfLate = onLate !== undefined
    if (onLate !== undefined) {
      this.#apply(stage.handle(onLate(overdueMs), now))
      if ((stage.deadline() ?? Infinity) > now) return
    }
    this.#apply(stage.tick(now))
  }

  #doWork(): void {
    const scheduler = this.#scheduler
    if (this.#wokenBy === 'clock-set-back') this.#apply(this.#stage.tick(scheduler.now()))
    else if (this.#wokenBy === 'deadline') this.#catchUp(scheduler.now())
    this.#wokenBy = undefined
    if (this.#hasFirst) {
      const first = this.#first!
      this.#first = undefined
      this.#hasFirst = false
      this.#handle(first)
    }
    if (this.#inbox.length === 0) return
    for (let i = 0; i < this.#inbox.length; i++) this.#handle(this.#inbox[i]!)
    this.#inbox.length = 0
  }

  #handle(input: In): void {
    const now = this.#scheduler.now()
    // Timers may be held back: what is due comes first whatever wakes the driver, so that no input sees, and no deadline
    // that it sets follows, what should have been done before.
    this.#catchUp(now)
    this.#apply(this.#stage.handle(input, now))
  }

  #stop(): void {
    this.#closed = true
    this.#inbox.length = 0
    this.#flushCallbacks = undefined
    this.#idleCallbacks = undefined
    this.#timer?.unsubscribe()
  }

  /** Does all that is there to do; what falls together is one unit of work. */
  #run(): void {
    this.#busy = true
    try {
      // Outputs emitted at the end of a unit may feed the stage again.
      do this.#unit.run(this.#work)
      while (this.#inbox.length > 0)
    } catch (error) {
      this.#stop()
      // Outputs from before the error are seen first.
      this.#unit.after(() => this.#endWith({ type: 'error', error }))
    } finally {
      this.#busy = false
    }
    if (!this.#closed) this.#settle()
  }

  /** After the work: callbacks that waited for it, and the timer. */
  #settle(): void {
    const deadline = this.#stage.deadline()
    const now = this.#scheduler.now()
    if (deadline === undefined) this.#disarm()
    // Where a sleep does not count, a timer that should have fired fires so much later.
    else if (deadline < this.#armedFor || this.#armedFor < now) this.#arm(deadline, now)
    const flushed = this.#flushCallbacks
    // What a step has left of an input is due at once.
    if (flushed !== undefined && (deadline === undefined || deadline > now)) {
      this.#flushCallbacks = undefined
      for (const callback of flushed) this.#unit.after(callback)
    }
    const idle = this.#idleCallbacks
    if (deadline === undefined && idle !== undefined) {
      this.#idleCallbacks = undefined
      for (const callback of idle) this.#afterQuietly(callback)
    }
  }

  /** A timer with nothing to do would keep a process alive. */
  #disarm(): void {
    this.#timer?.unsubscribe()
    this.#armedFor = Infinity
  }

  /** Calls back once what was put out is seen, unless that made the stage go on. */
  #afterQuietly(callback: () => void): void {
    const stepsBefore = this.#steps
    this.#unit.after(() =>
      this.#steps === stepsBefore && this.#inbox.length === 0 ? callback() : this.whenIdle(callback),
    )
  }

  /** A timer that fires early finds nothing due and arms again, which is cheaper than moving it at each step. */
  #arm(deadline: number, now: number): void {
    this.#timer?.unsubscribe()
    this.#armedFor = deadline
    this.#armedAt = now
    const delay = Math.min(Math.max(deadline - now, 0), MAX_DELAY_MS)
    const scheduler = this.#scheduler
    // Work left of the last step need not wait for a timer, which may be held back.
    if (delay === 0 && scheduler === asyncScheduler) this.#timer = { unsubscribe: nextTurn(this.#onTime) }
    else this.#timer = scheduler.schedule(this.#onTime, delay)
  }

  #wake(): void {
    this.#armedFor = Infinity
    const deadline = this.#stage.deadline()
    if (this.#closed || deadline === undefined) return
    const now = this.#scheduler.now()
    // A clock that was set back: the stage may want another deadline by the new time.
    const setBack = now < this.#armedAt
    if (deadline > now && !setBack) return this.#arm(deadline, now)
    this.#wokenBy = setBack ? 'clock-set-back' : 'deadline'
    this.#run()
  }
}

type Notification = { readonly type: 'complete' } | { readonly type: 'error'; readonly error: unknown }

function endOf(observer: Partial<Observer<never>>, end: Notification): void {
  if (end.type === 'complete') observer.complete?.()
  else if (observer.error !== undefined) observer.error(end.error)
  else reportUncaught(end.error)
}

function checkStage<In, Out>(stage: Stage<In, Out>): void {
  check.object('stage', stage, 'a stage')
  for (const name of ['handle', 'tick', 'deadline'] as const) check.function(`stage.${name}`, stage[name])
}
