import type { ReassemblyStats } from '@reliable-channels/segmentation'
import { type Observable, combineLatest, distinctUntilChanged, map, merge, of, switchMap, timer } from 'rxjs'
import type { ChannelHealth } from '../channel.ts'
import type { ChannelParts } from '../opening/parts.ts'
import type { CatchUpState } from './catch-up.ts'
import type { ChannelConnection } from './connection.ts'

/** What the receiving side knows of health. */
export interface HealthSigns {
  readonly catchUp$: Observable<CatchUpState>
  /** Emits when SDS finds that something is missing, instead of something else perhaps. */
  readonly missing$: Observable<unknown>
  /** Frames that nobody here could read, while none was that this channel could. */
  readonly unreadable$: Observable<number>
}

/** The parts of a channel whose state health is made of. */
export type HealthParts = Pick<ChannelParts, 'participant' | 'reassembler' | 'scheduler'>

/** Holes that are named. */
const MOST_HOLES = 100

/** So often at most it is told how many are missing while the state stays, ms. */
const EVERY_MS = 250

/** How complete what the channel received is: now, and when that changes. For one who asks. */
export function channelHealth(
  connection$: Observable<ChannelConnection>,
  { catchUp$, missing$, unreadable$ }: HealthSigns,
  { participant, reassembler, scheduler }: HealthParts,
): Observable<ChannelHealth> {
  const reassembly$ = reassembler.stats$.pipe(distinctUntilChanged(holdsAsMany))
  let told: ChannelHealth['state'] | undefined
  let toldAt = 0
  const sds$ = merge(participant.health$, missing$)
  return combineLatest([connection$, catchUp$, unreadable$, reassembly$, sds$]).pipe(
    switchMap(([connection, catchUp, unreadable, { sets, queued, shelved, begun }]) => {
      const sds = participant.health()
      const state =
        connection.state !== 'connected'
          ? 'offline'
          : catchUp === 'current'
            ? unreadable > 0
              ? 'unreadable'
              : sds.state === 'synced' && sets + queued > 0
                ? 'incomplete'
                : sds.state
            : // Catching up is known to be needed before the connection is reported as lost.
              catchUp === 'behind' && told !== undefined
              ? told
              : 'catching-up'
      const health = (): ChannelHealth => {
        toldAt = scheduler.now()
        return {
          ...sds,
          state: (told = state),
          holes: participant
            .missing()
            .slice(-MOST_HOLES)
            .map(({ messageId, senderId }) => ({ messageId, senderId })),
          incomplete: sets + queued + shelved,
          // What has begun to come is not here.
          completeUntil: state === 'synced' ? toldAt : (participant.log(begun, 1)[0]?.sentAboutAt ?? 0),
          ...(unreadable > 0 && { unreadable }),
        }
      }
      // The clock may have been set back.
      const waitMs = state === told ? Math.min(toldAt - scheduler.now(), 0) + EVERY_MS : 0
      return (waitMs > 0 ? timer(waitMs, scheduler) : of(0)).pipe(map(health))
    }),
    distinctUntilChanged<ChannelHealth>(tellsTheSame),
  )
}

const holdsAsMany = (a: ReassemblyStats, b: ReassemblyStats): boolean =>
  a.sets + a.queued === b.sets + b.queued && a.shelved === b.shelved

/** Whether two values tell the same, but for what changes all the time. */
export const tellsTheSame = (a: object, b: object): boolean => textOf(a) === textOf(b)

const textOf = (value: object): string => JSON.stringify({ ...value, completeUntil: 0, unreadable: 0 })
