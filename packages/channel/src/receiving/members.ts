import type { Participant } from '@reliable-channels/sds'
import { type Observable, type SchedulerLike, distinctUntilChanged, map, merge, of, throttleTime } from 'rxjs'

/** Another member of the channel, by what was heard of him. */
export interface ChannelMember {
  readonly senderId: string
  /**
   * When he last said something, ms since 1970: content, an acknowledgement, or a periodic sync message. While all are
   * level, hardly anybody speaks: after some minutes of silence one member does, about every ten minutes.
   */
  readonly lastHeardAt: number
  /** `behind`: his last word asked for messages that he lacks, or he waits for what he asked for. */
  readonly state: 'level' | 'behind'
}

/** So often at most it is told who is there, ms. */
const EVERY_MS = 250

/** Other members as they are heard: now, and when that changes. */
export function membersOf(
  participant: Pick<Participant, 'members'>,
  heard$: Observable<unknown>,
  scheduler: SchedulerLike,
): Observable<readonly ChannelMember[]> {
  const latest = (): readonly ChannelMember[] =>
    participant.members().map(({ senderId, lastHeardAt, isBehind }) => ({
      senderId,
      lastHeardAt,
      state: isBehind ? 'behind' : 'level',
    }))
  const changes$ = heard$.pipe(throttleTime(EVERY_MS, scheduler, { leading: true, trailing: true }))
  return merge(of(undefined), changes$).pipe(map(latest), distinctUntilChanged(areSame))
}

const areSame = (a: readonly ChannelMember[], b: readonly ChannelMember[]): boolean =>
  a.length === b.length &&
  a.every(({ senderId, lastHeardAt, state }, i) => {
    const other = b[i]!
    return senderId === other.senderId && lastHeardAt === other.lastHeardAt && state === other.state
  })
