import type { ConnectionProblem, ConnectionState, Transport } from '@reliable-channels/transport'
import { type Observable, combineLatest, distinctUntilChanged, map, of } from 'rxjs'

/** Whether messages can flow, and why not. */
export interface ChannelConnection {
  readonly state: ConnectionState
  /** While it is not `connected`, as soon as it is known: why, and what to do. */
  readonly problem?: ConnectionProblem
}

/** The connection of a transport, with what is wrong with it. */
export function connectionOf({
  connection$,
  connectionProblem$ = of(undefined),
}: Pick<Transport, 'connection$' | 'connectionProblem$'>): Observable<ChannelConnection> {
  return combineLatest([connection$, connectionProblem$]).pipe(
    map(([state, problem]) =>
      state === 'connected' || problem === undefined ? { state } : { state, problem },
    ),
    distinctUntilChanged((a: ChannelConnection, b) => a.state === b.state && a.problem === b.problem),
  )
}
