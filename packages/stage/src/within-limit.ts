import { type SchedulerLike, type Subscription, asyncScheduler } from 'rxjs'
import { check, checkScheduler } from './check.ts'
import { guarded } from './guarded.ts'

/** Longest delay that platform timers take. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** A report of {@link withinLimit} about a wait. */
export interface WaitReport {
  /** `slow`: it takes longer than it should, and is still waited for. `gave-up-waiting`: the limit has passed. */
  readonly type: 'slow' | 'gave-up-waiting'
  /** The thing that is waited for, as {@link WithinLimitOptions.what} named it. */
  readonly what: string
  /** How long it has been waited for, in ms of the scheduler. */
  readonly waitedMs: number
}

/** Options of {@link withinLimit}. */
export interface WithinLimitOptions<T> {
  /** Name of the thing that is waited for, for reports and the error: `'store.get'`. */
  readonly what: string
  /**
   * How long it is waited for, in ms; above 0. `Infinity` never gives up.
   * @limit The wait rejects with {@link GaveUpWaitingError}; what comes later goes to `late`.
   */
  readonly limitMs: number
  /**
   * How long it may take without a word, in ms; above 0. Not below `limitMs` nothing is said.
   * @limit It is reported as `slow`, and still waited for.
   * @default limitMs / 3
   */
  readonly slowMs?: number
  /** Source of time. @default asyncScheduler */
  readonly scheduler?: SchedulerLike
  /** Told when it is slow, and when it is given up. */
  readonly report?: (report: WaitReport) => void
  /** Given a value that came after the limit, to use it or to release it. */
  readonly late?: (value: T) => void
  /** Ends the wait, which then rejects with the signal's reason and is not reported. */
  readonly signal?: AbortSignal
}

/** Something from outside did not answer within its limit. It may still happen. */
export class GaveUpWaitingError extends Error {
  override readonly name = 'GaveUpWaitingError'
  readonly code = 'ERR_GAVE_UP_WAITING'
  /** Name of the thing that was waited for. */
  readonly what: string

  constructor(what: string, waitedMs: number) {
    super(`${what} did not answer within ${waitedMs} ms`)
    this.what = what
  }
}

/**
 * Waits for a promise of somebody else (a store, a transport, a lock, a hook), but not for ever.
 *
 * Settles as the promise does, or rejects when the limit has passed. What comes later is not lost: a value goes to
 * `late`, a rejection is swallowed, since the failure was told already. A limit that passed while the machine slept is
 * waited for once more, because what was waited for slept as well.
 *
 * @param work The promise, or what makes it: then what it throws is a rejection too, and its signal is aborted when
 * nobody waits any more, for what can be called off.
 * @returns Rejects with {@link GaveUpWaitingError} after `limitMs`, with the reason of `signal`, or as `work` does.
 * @throws {@link StageOptionError}
 * @example
 * ```ts
 * const value = await withinLimit(() => store.get(key), { what: 'store.get', limitMs: 30_000, report })
 * ```
 */
export function withinLimit<T>(
  work: PromiseLike<T> | ((signal: AbortSignal) => T | PromiseLike<T>),
  options: WithinLimitOptions<T>,
): Promise<T> {
  checkOptions(options)
  const { what, limitMs, slowMs = limitMs / 3, scheduler = asyncScheduler, report, late, signal } = options
  return new Promise<T>((resolve, reject) => {
    const calledOff = new AbortController()
    const startedAt = scheduler.now()
    let isOver = false
    let hasSlept = false
    let timer: Subscription | undefined

    const settle = (): boolean => {
      if (isOver) return false
      isOver = true
      timer?.unsubscribe()
      signal?.removeEventListener('abort', onAbort)
      return true
    }
    const giveUp = (reason: unknown): void => {
      if (!settle()) return
      reject(reason)
      calledOff.abort(reason)
    }
    const onAbort = (): void => giveUp(signal?.reason)
    const tell = (type: WaitReport['type']): void =>
      guarded(() => report?.({ type, what, waitedMs: scheduler.now() - startedAt }))

    /** Waits `delayMs`, and as long again if the machine slept over its end. */
    const arm = (delayMs: number, then: () => void): void => {
      const dueAt = scheduler.now() + delayMs
      timer = scheduler.schedule(
        () => {
          if (isOver) return
          if (scheduler.now() - dueAt >= limitMs && !hasSlept) {
            hasSlept = true
            return arm(delayMs, then)
          }
          then()
        },
        Math.min(delayMs, MAX_DELAY_MS),
      )
    }
    const limit = (): void => {
      tell('gave-up-waiting')
      giveUp(new GaveUpWaitingError(what, limitMs))
    }

    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort)
    let promise: PromiseLike<T>
    try {
      promise = typeof work === 'function' ? Promise.resolve(work(calledOff.signal)) : work
    } catch (error) {
      return giveUp(error)
    }
    promise.then(
      (value) => (settle() ? resolve(value) : guarded(() => late?.(value))),
      (error: unknown) => {
        if (settle()) reject(error)
      },
    )
    if (slowMs < limitMs) {
      arm(slowMs, () => {
        tell('slow')
        if (!isOver && limitMs < Infinity) arm(limitMs - slowMs, limit)
      })
    } else if (limitMs < Infinity) {
      arm(limitMs, limit)
    }
  })
}

function checkOptions<T>(options: WithinLimitOptions<T>): void {
  check.object('options', options)
  const { what, limitMs, slowMs, scheduler, report, late } = options
  check.text('what', what)
  check.above('limitMs', limitMs, 0)
  if (slowMs !== undefined) check.above('slowMs', slowMs, 0)
  if (scheduler !== undefined) checkScheduler(scheduler)
  check.callback('report', report)
  check.callback('late', late)
}
