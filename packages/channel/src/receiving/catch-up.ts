import type { HistoryEntry } from '@reliable-channels/sds/core'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'
import {
  BehaviorSubject,
  EMPTY,
  type Observable,
  type SchedulerLike,
  auditTime,
  buffer,
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  finalize,
  from,
  merge,
  retry,
  switchMap,
  tap,
  timer,
} from 'rxjs'

/** Options of {@link createCatchUp}. */
export interface CatchUpOptions {
  transport: Transport
  contentTopic: string
  /** From when on messages may have been missed, ms since 1970; `undefined` when nothing can have been. */
  since: () => number | undefined
  /** Missing messages that SDS noticed, with their hints. */
  missing$: Observable<readonly HistoryEntry[]>
  scheduler: SchedulerLike
  /** The network's memory did not answer, whatever was tried. */
  failed: (error: unknown) => void
}

/** `behind`: not asked yet, or in vain; `running`: being asked; `current`: heard everything. */
export type CatchUpState = 'behind' | 'running' | 'current'

/** Messages that were missed, from the network's memory. */
export interface CatchUp {
  /** To be treated like any other message of the transport. */
  readonly messages$: Observable<TransportMessage>
  /** Whether all that the network's memory has was heard: its latest value, then each change. */
  readonly state$: Observable<CatchUpState>
  readonly state: CatchUpState
}

/** Clocks differ, and so do the times that senders and the network's memory note. */
const MARGIN_MS = 25_000
const RETRIES = 4
const RETRY_MS = 2_000
/** Missing messages noticed within this time are fetched together, this many at a time. */
const GATHER_MS = 200
const FETCH_AT_ONCE = 50
/** A message is fetched again after this time at the earliest, and within it no more than so many: hints may be lies. */
const FETCH_AGAIN_MS = 60_000
const MOST_FETCHED = 1_000

/**
 * Asks the network's memory for what was missed: the history of the topic on start and after each reconnection, and
 * single messages by retrieval hint. One request at a time; SDS drops what has been met.
 */
export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { transport, contentTopic, since, missing$, scheduler, failed } = options
  const asksHistory = transport.history !== undefined
  const state$ = new BehaviorSubject<CatchUpState>(
    asksHistory && since() !== undefined ? 'behind' : 'current',
  )

  const patiently = (
    ask: (signal: AbortSignal) => AsyncIterable<TransportMessage>,
    giveUp?: () => void,
  ): Observable<TransportMessage> =>
    defer(() => {
      const abort = new AbortController()
      return from(ask(abort.signal)).pipe(finalize(() => abort.abort()))
    }).pipe(
      retry({ count: RETRIES, delay: (_, attempt) => timer(RETRY_MS * 2 ** (attempt - 1), scheduler) }),
      catchError((error: unknown) => {
        failed(error)
        giveUp?.()
        return EMPTY
      }),
    )

  const history$ = transport.connection$.pipe(
    distinctUntilChanged(),
    switchMap((connection) => {
      const sinceMs = since()
      if (!asksHistory || sinceMs === undefined) return EMPTY
      if (connection !== 'connected') {
        state$.next('behind')
        return EMPTY
      }
      state$.next('running')
      const query = { contentTopic, sinceMs: Math.max(sinceMs - MARGIN_MS, 0) }
      return patiently(
        (signal) => transport.history!({ ...query, signal }),
        () => state$.next('behind'),
      ).pipe(
        tap({
          complete: () => {
            if (state$.value === 'running') state$.next('current')
          },
        }),
      )
    }),
  )
  /** When each hash was asked for, oldest first. */
  const asked = new Map<string, number>()
  const notAskedYet = (hashes: readonly string[]): string[] => {
    const now = scheduler.now()
    for (const [hash, atMs] of asked) {
      if (atMs > now - FETCH_AGAIN_MS) break
      asked.delete(hash)
    }
    return hashes.filter((hash) => {
      if (asked.size >= MOST_FETCHED || asked.has(hash)) return false
      asked.set(hash, now)
      return true
    })
  }
  const fetched$ = missing$.pipe(
    buffer(missing$.pipe(auditTime(GATHER_MS, scheduler))),
    concatMap((gathered) => inBatches(notAskedYet(gathered.flat().flatMap(hashesOf)))),
    concatMap((hashes) =>
      transport.fetch === undefined ? EMPTY : patiently((signal) => transport.fetch!(hashes, { signal })),
    ),
  )
  return {
    messages$: merge(history$, fetched$),
    state$: state$.pipe(distinctUntilChanged()),
    get state() {
      return state$.value
    },
  }
}

/** Bytes of a message hash (14/WAKU2-MESSAGE). One hint that is none would spoil the request for all. */
const HASH_BYTES = 32

function hashesOf({ retrievalHint }: HistoryEntry): string[] {
  return retrievalHint?.length === HASH_BYTES ? [hexOf(retrievalHint)] : []
}

function inBatches(hashes: readonly string[]): string[][] {
  const batches: string[][] = []
  for (let i = 0; i < hashes.length; i += FETCH_AT_ONCE) batches.push(hashes.slice(i, i + FETCH_AT_ONCE))
  return batches
}
