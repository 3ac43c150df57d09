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

const RETRIES = 4
const RETRY_MS = 2_000

/** Options of {@link patiently}. */
export interface PatienceOptions {
  readonly scheduler: SchedulerLike
  /** There was no answer, whatever was tried. */
  readonly failed: (error: unknown) => void
}

/** Asks the network's memory again and again, each time after twice as long a pause; what failed ends empty. */
export function patiently(
  ask: (signal: AbortSignal) => AsyncIterable<TransportMessage>,
  { scheduler, failed }: PatienceOptions,
): Observable<TransportMessage> {
  return defer(() => {
    const abort = new AbortController()
    return from(ask(abort.signal)).pipe(finalize(() => abort.abort()))
  }).pipe(
    retry({ count: RETRIES, delay: (_, attempt) => timer(RETRY_MS * 2 ** (attempt - 1), scheduler) }),
    catchError((error: unknown) => {
      failed(error)
      return EMPTY
    }),
  )
}
