import { withinLimit } from '@reliable-channels/stage'
import type { SchedulerLike } from 'rxjs'
import { HOLD, type ProvidedQuota, type QuotaProvider } from './core/quota.ts'

/**
 * A provider that answers later, as an RLN module in another process does. It is asked again at most once a second; until it
 * has answered for the first time nothing leaves, and while it fails its last answer holds, as {@link QuotaProvider}'s does.
 */
export type AsyncQuotaProvider = () => Promise<ProvidedQuota | undefined>

/** How often it is asked, at most, ms. */
const EVERY_MS = 1_000
/** How long its answer is waited for, ms. @limit It has failed, and is asked again. */
const ANSWER_MS = 10_000

/** The latest answer of a provider that may answer later. `answered` is called when there is a new one. */
export function latestQuota(
  provider: QuotaProvider | AsyncQuotaProvider,
  scheduler: SchedulerLike,
  answered: () => void,
): QuotaProvider {
  let latest: ProvidedQuota | undefined = HOLD
  let askedAt = -Infinity
  let isAsking = false

  const wait = async (answer: Promise<ProvidedQuota | undefined>): Promise<void> => {
    try {
      const { limit, epoch, ...rest } =
        (await withinLimit(answer, { what: 'quota', limitMs: ANSWER_MS, scheduler })) ?? {}
      latest = limit === undefined || epoch === undefined ? undefined : { limit, epoch, ...rest }
    } catch {
      // What it said last holds for the epoch; of one that has never answered, the wall clock's quota does.
      if (latest === HOLD) latest = undefined
    }
    isAsking = false
    answered()
  }

  return () => {
    if (isAsking || scheduler.now() - askedAt < EVERY_MS) return latest
    const answer = provider()
    if (!(answer instanceof Promise)) return answer
    isAsking = true
    askedAt = scheduler.now()
    void wait(answer)
    return latest
  }
}
