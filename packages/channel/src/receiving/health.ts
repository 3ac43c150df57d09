import type { Participant, SdsHealth } from '@reliable-channels/sds'
import { type Observable, combineLatest, distinctUntilChanged, filter, scan } from 'rxjs'
import type { ChannelHealth, ChannelHole } from '../channel.ts'
import type { CatchUpState } from './catch-up.ts'
import type { ChannelConnection } from './connection.ts'

/** The observables that health is made of. */
export interface HealthSources {
  readonly connection$: Observable<ChannelConnection>
  readonly catchUp$: Observable<CatchUpState>
  /** How complete the log of SDS is. */
  readonly sds$: Observable<SdsHealth>
  /** Frames that nobody here could read, since the last one that the channel took. */
  readonly unreadable$: Observable<number>
  /** The messages that are missing now. */
  readonly missing: () => ReturnType<Participant['missing']>
  /** When the newest message that is here was sent, ms. */
  readonly newestAt: () => number
  readonly now: () => number
}

/** Holes that are named. */
const MOST_HOLES = 100

/** How complete what the channel received is: now, and when that changes. */
export function channelHealth(sources: HealthSources): Observable<ChannelHealth> {
  const { connection$, catchUp$, sds$, unreadable$, missing: absent, newestAt, now } = sources
  const holes = (): ChannelHole[] =>
    absent()
      .slice(-MOST_HOLES)
      .map(({ messageId, senderId }) => ({ messageId, senderId }))
  return combineLatest([connection$, catchUp$, sds$, unreadable$]).pipe(
    scan((before: ChannelHealth | undefined, [connection, catchUp, sds, unreadable]): ChannelHealth => {
      const { missing, lost } = sds
      const state =
        connection.state !== 'connected'
          ? 'offline'
          : catchUp === 'current'
            ? sds.state === 'synced' && unreadable > 0
              ? 'unreadable'
              : sds.state
            : // Catching up is known to be needed before the connection is reported as lost.
              catchUp === 'behind' && before !== undefined
              ? before.state
              : 'catching-up'
      return {
        state,
        missing,
        holes: missing === 0 ? [] : holes(),
        completeUntil: state === 'synced' ? now() : newestAt(),
        lost,
        ...(unreadable > 0 && { unreadable }),
      }
    }, undefined),
    filter((health) => health !== undefined),
    distinctUntilChanged(isSame),
  )
}

const isSame = (a: ChannelHealth, b: ChannelHealth): boolean =>
  a.state === b.state && a.missing === b.missing && a.lost === b.lost && a.unreadable === b.unreadable
