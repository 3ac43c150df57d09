import type { HistoryEntry } from '@reliable-channels/sds/core'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import {
  BehaviorSubject,
  EMPTY,
  type Observable,
  type SchedulerLike,
  distinctUntilChanged,
  merge,
  switchMap,
  tap,
} from 'rxjs'
import { fetchMissing } from './fetch-missing.ts'
import { patiently } from './patiently.ts'

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
export interface MissedMessages {
  /** To be treated like any other message of the transport. */
  readonly messages$: Observable<TransportMessage>
  /** Whether all that the network's memory has was heard: its latest value, then each change. */
  readonly state$: Observable<CatchUpState>
  readonly state: CatchUpState
}

/** Clocks differ, and so do the times that senders and the network's memory note. */
const MARGIN_MS = 25_000

/**
 * Asks the network's memory for what was missed: the history of the topic on start and after each reconnection, and
 * single messages by retrieval hint. SDS drops what has been met.
 */
export function createCatchUp(options: CatchUpOptions): MissedMessages {
  const { transport, contentTopic, since, missing$, scheduler, failed } = options
  const asksHistory = transport.history !== undefined
  const state$ = new BehaviorSubject<CatchUpState>(
    asksHistory && since() !== undefined ? 'behind' : 'current',
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
      return patiently((signal) => transport.history!({ ...query, signal }), {
        scheduler,
        failed(error) {
          failed(error)
          state$.next('behind')
        },
      }).pipe(
        tap({
          complete: () => {
            if (state$.value === 'running') state$.next('current')
          },
        }),
      )
    }),
  )
  return {
    messages$: merge(history$, fetchMissing(transport, missing$, { scheduler, failed })),
    state$: state$.pipe(distinctUntilChanged()),
    get state() {
      return state$.value
    },
  }
}
