import type { RateLimiter } from '@reliable-channels/rate-limit'
import { type Observable, map, take } from 'rxjs'

/** The quota of a node in the running epoch: what all its channels may send. */
export interface ChannelQuota {
  /** Messages that the epoch allows; `Infinity` without a rate limit. */
  readonly limit: number
  /** Messages that left in it: content, and SDS's own. */
  readonly used: number
  /** Messages that may still leave in it. */
  readonly left: number
  /** When the next epoch begins, ms since 1970. */
  readonly nextEpochAt: number
  /** `approached`: four fifths of it are used. `exhausted`: what is sent waits for the next epoch. */
  readonly state: 'normal' | 'approached' | 'exhausted'
  /** Messages that wait, of all channels. */
  readonly waiting: number
}

/** From so much of the quota on it is approached. */
const APPROACHED = 0.8

/** The quota of a limiter now. */
export function quotaNow({ quota$ }: Pick<RateLimiter, 'quota$'>): ChannelQuota {
  let now: ChannelQuota = UNLIMITED
  quotaOf({ quota$ })
    .pipe(take(1))
    .subscribe({ next: (quota) => (now = quota), error: () => {} })
  return now
}

/** Of a limiter that is closed. */
const UNLIMITED: ChannelQuota = {
  limit: Infinity,
  used: 0,
  left: Infinity,
  nextEpochAt: Infinity,
  state: 'normal',
  waiting: 0,
}

/** The quota of a limiter: now, and when it changes. */
export function quotaOf({ quota$ }: Pick<RateLimiter, 'quota$'>): Observable<ChannelQuota> {
  return quota$.pipe(
    map(({ limit, used, left, nextEpochAtMs: nextEpochAt, waiting }) => ({
      limit,
      used,
      left,
      nextEpochAt,
      state: left === 0 ? 'exhausted' : limit - left >= APPROACHED * limit ? 'approached' : 'normal',
      waiting: waiting.critical + waiting.normal + waiting.optional,
    })),
  )
}
