import type { HistoryEntry, SdsHealth } from '@reliable-channels/sds/core'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import {
  BehaviorSubject,
  EMPTY,
  type Observable,
  type SchedulerLike,
  concat,
  defer,
  distinctUntilChanged,
  map,
  merge,
  of,
  switchMap,
} from 'rxjs'
import { fetchMissing } from './fetch-missing.ts'
import type { LastHeard } from '../opening/last-heard.ts'
import { lookUpMissing } from './look-up-missing.ts'
import { untilAnswered } from './patiently.ts'

/** Options of {@link createCatchUp}. */
export interface CatchUpOptions {
  transport: Transport
  contentTopic: string
  /** From when on messages may have been missed, ms since 1970; `undefined` when nothing can have been. */
  since: () => number | undefined
  /** Missing messages that SDS noticed, with their hints. */
  missing$: Observable<readonly HistoryEntry[]>
  /** The messages that SDS misses now, and a signal whenever it misses something. */
  missing: () => readonly HistoryEntry[]
  health$: Observable<SdsHealth>
  /** How many messages SDS has delivered. */
  delivered: () => number
  /** Whether the channel has met a network message. */
  isMet: (hash: string) => boolean
  /** Whether the inbox has room for more messages. */
  hasRoom: () => boolean
  /** Whether it was a member before; otherwise it asks for the past as far back as this, ms. */
  wasHere: boolean
  historyMs: number
  lastHeard: Pick<LastHeard, 'aheadMs' | 'leastAheadMs'>
  scheduler: SchedulerLike
  /** The network's memory did not answer, several times in a row; it is asked again after `retryMs`, if at all. */
  failed: (error: unknown, retryMs?: number) => void
}

/** `behind`: not asked yet; `running`: being asked, also in vain; `current`: heard everything. */
export type CatchUpState = 'behind' | 'running' | 'current'

/** Messages that were missed, from the network's memory. */
export interface MissedMessages {
  /** To be treated like any other message of the transport. */
  readonly messages$: Observable<TransportMessage>
  /** Whether all that the network's memory has was heard: its latest value, then each change. */
  readonly state$: Observable<CatchUpState>
  state(): CatchUpState
}

/** Clocks differ, and so do the times that senders and the network's memory note: the network tolerates 20 s each way. */
const MARGIN_MS = 40_000

/** Of what was said before a newcomer came, SDS wants as much as that, where what is said then comes after it, ms. */
const NEWCOMER_MS = 60_000

/** Of a network that remembers nothing. */
const NOTHING_MISSED: MissedMessages = { messages$: EMPTY, state$: of('current'), state: () => 'current' }

/**
 * Asks the network's memory for what was missed: the history of the topic on start and after each reconnection, and
 * single messages by retrieval hint. SDS drops what has been met.
 *
 * A message that SDS misses for seconds is looked up by time as well, since not every name comes with a hint.
 *
 * Messages that are missed are asked for until the answer has come to its end, from where it began to be missed; after a failure, from
 * the last message that came.
 */
export function createCatchUp(options: CatchUpOptions): MissedMessages {
  const { transport, contentTopic, since, missing$, hasRoom, scheduler, failed } = options
  const asksHistory = transport.history !== undefined
  if (!asksHistory && transport.fetch === undefined) return NOTHING_MISSED
  const state$ = new BehaviorSubject<CatchUpState>(
    asksHistory && since() !== undefined ? 'behind' : 'current',
  )
  /** From when on messages are to be asked for, while that is due. */
  let missedSinceMs: number | undefined
  const startMs = scheduler.now()
  const found$ = lookUpMissing({
    ...options,
    isReady: () => state$.value === 'current' && hasRoom(),
    notBefore: () =>
      options.wasHere
        ? 0
        : startMs - options.lastHeard.leastAheadMs() - Math.max(options.historyMs + MARGIN_MS, NEWCOMER_MS),
  })

  const history$ = transport.connection$.pipe(
    distinctUntilChanged(),
    switchMap((connection) => {
      missedSinceMs ??= since()
      if (!asksHistory || missedSinceMs === undefined) return EMPTY
      if (connection !== 'connected') {
        state$.next('behind')
        return EMPTY
      }
      state$.next('running')
      // The margin counts once: with it again, a memory that fails after each few messages would never come further.
      let sinceMs = Math.max(missedSinceMs - MARGIN_MS, 0)
      /** Oldest come first, so that what came before a message need not be asked for again. */
      const progress = (message: TransportMessage): TransportMessage => {
        sinceMs = Math.max(sinceMs, Math.min(message.timestampMs ?? 0, scheduler.now()))
        missedSinceMs = Math.max(missedSinceMs ?? 0, sinceMs)
        return message
      }
      const caughtUp = (): Observable<never> => {
        missedSinceMs = undefined
        state$.next('current')
        return EMPTY
      }
      const ask = (signal: AbortSignal): AsyncIterable<TransportMessage> =>
        transport.history!({ contentTopic, sinceMs, signal })
      return concat(untilAnswered(ask, { scheduler, failed }).pipe(map(progress)), defer(caughtUp))
    }),
  )
  return {
    messages$: merge(history$, fetchMissing(transport, missing$, { scheduler, failed }), found$),
    state$: state$.pipe(distinctUntilChanged()),
    state: () => state$.value,
  }
}
