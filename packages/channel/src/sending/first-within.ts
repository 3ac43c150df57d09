import { Observable, firstValueFrom } from 'rxjs'

/** Options of whoever waits. */
export interface WaitOptions {
  /** Ends the wait, with its reason; the message goes on. */
  readonly signal?: AbortSignal
}

/**
 * The first value of an observable.
 *
 * @param last - what it is when there is none: a value, or an error
 * @throws the error, or the signal's reason
 */
export async function firstWithin<T>(
  values$: Observable<T>,
  { signal }: WaitOptions = {},
  last: () => T | Error,
): Promise<T> {
  const first$ = signal === undefined ? values$ : untilAborted(values$, signal)
  const NONE = {}
  const value = await firstValueFrom<T, object>(first$, { defaultValue: NONE })
  if (value !== NONE) return value as T
  const instead = last()
  if (instead instanceof Error) throw instead
  return instead
}

/** The same, until the signal aborts: its reason is the error then. */
function untilAborted<T>(values$: Observable<T>, signal: AbortSignal): Observable<T> {
  return new Observable((subscriber) => {
    values$.subscribe(subscriber)
    const abort = (): void => subscriber.error(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    return () => signal.removeEventListener('abort', abort)
  })
}
