import { onlyNames } from '@reliable-channels/options'
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import { check } from '../conditions.ts'

/** A timer of a {@link SimulatedClock}. */
interface Timer {
  /** Of the true time. */
  dueMs: number
  readonly run: () => void
  alarm: Subscription | undefined
}

/** How a clock goes. */
export interface SimulatedClockOptions {
  /** How far it is ahead, ms; behind where negative. @limit Its time is off by so much. @default 0 */
  readonly offsetMs?: number
  /** How much too fast it goes, -0.5 to 1: 0.001 gains a second in 1,000. Timers keep to it. @default 0 */
  readonly drift?: number
}

/**
 * The time of one process: a clock that may be off, set and drift, and timers that stand still while the process does, for a
 * while or for good.
 */
export interface SimulatedClock extends SchedulerLike {
  /** How far it is ahead now, ms. */
  readonly offsetMs: number
  /** Timers that wait. */
  readonly waiting: number
  /** Sets it ahead, or back where negative; timers do not care. */
  set(byMs: number): void
  /** Timers fire only so often, ms, as in a tab in the background; 0 for whenever they are due. */
  throttle(everyMs: number): void
  /** Timers stop; the clock goes on. */
  freeze(): void
  /** They go on. @param counted Whether the time that it stood still counts for them, as it does in a tab that was frozen. @default true */
  thaw(counted?: boolean): void
  /** The process has ended: nothing of it runs any more. */
  end(): void
}

/**
 * Makes the time of one process.
 *
 * @param scheduler The true time.
 * @throws {@link SimulatorOptionError}
 * @example
 * const clock = simulatedClock(time, { offsetMs: -90_000, drift: 0.0005 })
 */
export function simulatedClock(
  scheduler: SchedulerLike,
  options: SimulatedClockOptions = {},
): SimulatedClock {
  check.object('options', options)
  onlyNames(check, options, ['offsetMs', 'drift'])
  const { offsetMs = 0, drift = 0 } = options
  check.number('offsetMs', offsetMs, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  check.number('drift', drift, -0.5, 1)
  return new Clock(scheduler, offsetMs, drift)
}

class Clock implements SimulatedClock {
  readonly #base: SchedulerLike
  readonly #startMs: number
  readonly #drift: number
  readonly #timers = new Set<Timer>()
  /** The timers that fell due while the process stood still, in order. */
  #overdue: Timer[] = []
  #offsetMs: number
  #frozenMs: number | undefined
  /** Timers fire so long after, and so long again. */
  #throttle: { readonly sinceMs: number; readonly everyMs: number } | undefined
  #dead = false

  constructor(base: SchedulerLike, offsetMs: number, drift: number) {
    this.#base = base
    this.#startMs = base.now()
    this.#offsetMs = offsetMs
    this.#drift = drift
  }

  get offsetMs(): number {
    return this.now() - this.#base.now()
  }

  get waiting(): number {
    return this.#timers.size
  }

  now(): number {
    const trueMs = this.#base.now()
    return trueMs + this.#offsetMs + Math.floor((trueMs - this.#startMs) * this.#drift)
  }

  set(byMs: number): void {
    this.#offsetMs += byMs
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    let timer: Timer | undefined
    const action = new Subscription(() => timer && this.#drop(timer)) as SchedulerAction<T>
    const at = (delayMs: number, value?: T): void => {
      if (action.closed || this.#dead) return
      if (timer !== undefined) this.#drop(timer)
      const dueMs = this.#base.now() + Math.max(0, delayMs) / (1 + this.#drift)
      timer = { dueMs, run: () => work.call(action, value), alarm: undefined }
      this.#timers.add(timer)
      this.#arm(timer)
    }
    action.schedule = (value?: T, delayMs = 0): Subscription => {
      at(delayMs, value)
      return action
    }
    at(delay, state)
    return action
  }

  throttle(everyMs: number): void {
    check.number('everyMs', everyMs, 0, Number.MAX_SAFE_INTEGER)
    this.#throttle = everyMs === 0 ? undefined : { sinceMs: this.#base.now(), everyMs }
    for (const timer of this.#timers) if (!this.#overdue.includes(timer)) this.#arm(timer)
  }

  freeze(): void {
    this.#frozenMs ??= this.#base.now()
  }

  thaw(counted = true): void {
    const frozenMs = this.#frozenMs
    if (frozenMs === undefined || this.#dead) return
    this.#frozenMs = undefined
    const stoodMs = this.#base.now() - frozenMs
    const overdue = this.#overdue
    this.#overdue = []
    if (!counted) {
      for (const timer of this.#timers) {
        timer.dueMs += stoodMs
        this.#arm(timer)
      }
      return
    }
    // One after the other, each in a turn of its own, as a platform does.
    for (const timer of overdue) timer.dueMs = this.#base.now()
    for (const timer of overdue) if (this.#timers.has(timer)) this.#arm(timer)
  }

  end(): void {
    this.#dead = true
    for (const timer of this.#timers) timer.alarm?.unsubscribe()
    this.#timers.clear()
    this.#overdue = []
  }

  #arm(timer: Timer): void {
    timer.alarm?.unsubscribe()
    timer.alarm = this.#base.schedule(
      () => {
        if (this.#dead || !this.#timers.has(timer)) return
        if (this.#frozenMs !== undefined) return void this.#overdue.push(timer)
        this.#timers.delete(timer)
        timer.run()
      },
      this.#firesAt(timer) - this.#base.now(),
    )
  }

  #firesAt({ dueMs }: Timer): number {
    if (this.#throttle === undefined) return dueMs
    const { sinceMs, everyMs } = this.#throttle
    const nextMs = Math.max(dueMs, this.#base.now())
    return sinceMs + Math.ceil((nextMs - sinceMs) / everyMs) * everyMs
  }

  #drop(timer: Timer): void {
    timer.alarm?.unsubscribe()
    this.#timers.delete(timer)
  }
}
