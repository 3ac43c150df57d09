import type { HistoryEntry, SdsHealth } from '@reliable-channels/sds/core'
import type { Transport, TransportMessage } from '@reliable-channels/transport'
import { hexOf } from '@reliable-channels/wire'
import {
  EMPTY,
  type Observable,
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  finalize,
  map,
  mergeMap,
  switchMap,
  timer,
} from 'rxjs'
import { type LookUp, createLookUps } from '../core/look-ups.ts'
import type { LastHeard } from '../opening/last-heard.ts'
import { isHash } from './fetch-missing.ts'
import { type PatienceOptions, asked, untilAnswered } from './patiently.ts'

/** Options of {@link lookUpMissing}. */
export interface LookUpOptions extends PatienceOptions {
  readonly transport: Transport
  readonly contentTopic: string
  readonly health$: Observable<SdsHealth>
  /** The messages that SDS misses now. */
  readonly missing: () => readonly HistoryEntry[]
  /** How many SDS has delivered. */
  readonly delivered: () => number
  /** Whether what is found would be taken, and nothing else is being asked that finds it as well. */
  readonly isReady: () => boolean
  /** Whether the channel has met a network message. */
  readonly isMet: (hash: string) => boolean
  /**
   * Nothing is looked for that was sent before, ms since 1970 by the clocks of others: a newcomer asks for the past only if
   * it was told to.
   */
  readonly notBefore: () => number
  readonly lastHeard: Pick<LastHeard, 'aheadMs'>
}

/** Time between two looks whether something stays missing, ms. */
const EVERY_MS = 1_000
/** Clocks differ, and so do the times that senders and the network's memory note: the network tolerates 20 s each way. */
const MARGIN_MS = 40_000
/** Messages asked for at once. */
const AT_ONCE = 50

/**
 * Looks up in the network's memory what stays missing for seconds, by hint and by time, whatever members do about it: they
 * may be gone, or their repairs lost as well.
 */
export function lookUpMissing(options: LookUpOptions): Observable<TransportMessage> {
  const { transport, health$, missing, delivered, isReady, lastHeard, scheduler } = options
  if (transport.fetch === undefined && transport.history === undefined) return EMPTY
  const lookUps = createLookUps()
  let isLooking = false
  return health$.pipe(
    map(({ state }) => state === 'missing'),
    distinctUntilChanged(),
    switchMap((isMissing) => (isMissing ? timer(0, EVERY_MS, scheduler) : EMPTY)),
    // One at a time.
    mergeMap(() => {
      const lookUp =
        !isLooking && isReady() && lookUps.due(missing(), scheduler.now(), delivered(), lastHeard.aheadMs())
      if (!lookUp) return EMPTY
      isLooking = true
      return look(lookUp, options).pipe(finalize(() => (isLooking = false)))
    }),
  )
}

/** By hint first: of what that brings the time is not asked any more. */
function look({ hints, sinceMs }: LookUp, options: LookUpOptions): Observable<TransportMessage> {
  const { transport, contentTopic, isMet, missing, notBefore } = options
  const hashes = hints.filter(isHash).map((hint) => hexOf(hint))
  const byHint: Observable<TransportMessage>[] = []
  for (let at = 0; at < hashes.length; at += AT_ONCE) {
    const some = hashes.slice(at, at + AT_ONCE)
    // A memory that fails is told of when it is asked for the time.
    byHint.push(asked((signal) => transport.fetch!(some, { signal })).pipe(catchError(() => EMPTY)))
  }
  const fromMs = Math.max(sinceMs - MARGIN_MS, notBefore(), 0)
  const byTime = defer(() =>
    missing().length === 0
      ? EMPTY
      : untilAnswered(
          (signal) => transport.history!({ contentTopic, sinceMs: fromMs, isKnown: isMet, signal }),
          options,
        ),
  )
  return concat(
    ...(transport.fetch === undefined ? [] : byHint),
    transport.history === undefined ? EMPTY : byTime,
  )
}
