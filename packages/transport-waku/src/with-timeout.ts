import { GaveUpWaitingError, withinLimit } from '@reliable-channels/stage'
import type { SchedulerLike } from 'rxjs'

import { ServiceTimeoutError } from './errors.ts'

/**
 * Runs something that can be called off, for so long at most: a silent service node would be waited for for ever.
 * Rejects at once when `signal` says so or the time is up, whether or not `run` takes notice.
 */
export function withTimeout<T>(
  scheduler: SchedulerLike,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withinLimit(run, {
    what: 'a service node',
    limitMs: timeoutMs,
    slowMs: timeoutMs,
    scheduler,
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw error instanceof GaveUpWaitingError ? new ServiceTimeoutError(timeoutMs) : error
  })
}

/** Waits. Rejects with the signal's reason when it says so. */
export function wait(scheduler: SchedulerLike, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = (): void => {
      timer.unsubscribe()
      reject(signal?.reason)
    }
    const timer = scheduler.schedule(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
