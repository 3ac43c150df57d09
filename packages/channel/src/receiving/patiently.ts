import type { TransportMessage } from '@reliable-channels/transport'
import {
  EMPTY,
  type Observable,
  type SchedulerLike,
  catchError,
  defer,
  finalize,
  from,
  retry,
  timer,
} from 'rxjs'

const RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000
/** So many failures in a row are no accident: they are told. */
const TELLING_FAILURES = 5

/** Asks the network's memory. */
type Ask = (signal: AbortSignal) => AsyncIterable<TransportMessage>

/** Options of {@link untilAnswered} and {@link patiently}. */
export interface PatienceOptions {
  readonly scheduler: SchedulerLike
  /** There was no answer, several times in a row; it is asked again after `retryMs`, if at all. */
  readonly failed: (error: unknown, retryMs?: number) => void
}

/** The wait after so many failures in a row: each twice as long, up to a minute. */
const retryAfterMs = (failures: number): number =>
  Math.min(RETRY_MS * 2 ** Math.min(failures - 1, 10), LONGEST_RETRY_MS)

/** Asks until there is an answer, however long that takes. A message that comes is progress: patience begins anew. */
export function untilAnswered(
  ask: Ask,
  { scheduler, failed }: PatienceOptions,
): Observable<TransportMessage> {
  return asked(ask).pipe(
    retry({
      resetOnSuccess: true,
      delay(error: unknown, failures) {
        const retryMs = retryAfterMs(failures)
        if (failures % TELLING_FAILURES === 0) failed(error, retryMs)
        return timer(retryMs, scheduler)
      },
    }),
  )
}

/** Asks several times, each time after twice as long a pause; what failed ends empty. */
export function patiently(ask: Ask, { scheduler, failed }: PatienceOptions): Observable<TransportMessage> {
  return asked(ask).pipe(
    retry({
      count: TELLING_FAILURES - 1,
      delay: (_, failures) => timer(retryAfterMs(failures), scheduler),
    }),
    catchError((error: unknown) => {
      failed(error)
      return EMPTY
    }),
  )
}

/** Asks once. Unsubscribing aborts the question. */
export const asked = (ask: Ask): Observable<TransportMessage> =>
  defer(() => {
    const abort = new AbortController()
    return from(ask(abort.signal)).pipe(finalize(() => abort.abort()))
  })
