import type { SdsHealth } from '@reliable-channels/sds'
import { type Observable, combineLatest, distinctUntilChanged, filter, scan } from 'rxjs'
import type { ChannelHealth } from '../channel.ts'
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
}

/** How complete what the channel received is: now, and when that changes. */
export function channelHealth({
  connection$,
  catchUp$,
  sds$,
  unreadable$,
}: HealthSources): Observable<ChannelHealth> {
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
      return { state, missing, lost, ...(unreadable > 0 && { unreadable }) }
    }, undefined),
    filter((health) => health !== undefined),
    distinctUntilChanged(isSame),
  )
}

const isSame = (a: ChannelHealth, b: ChannelHealth): boolean =>
  a.state === b.state && a.missing === b.missing && a.lost === b.lost && a.unreadable === b.unreadable
