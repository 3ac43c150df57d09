import type { SchedulerLike } from 'rxjs'

import type { Outgoing } from './outgoing.ts'
import type { Presence } from '../store/presence.ts'
import { wait } from '../with-timeout.ts'

/** Waits before each question whether a store has a message that a service node perhaps took, ms. */
const SETTLE_AFTER_MS = [0, 500, 1500] as const
/** Waits between two questions whether a store has a message that was taken, ms; the last one repeats. */
const CONFIRM_EVERY_MS = [500, 1000, 2000, 4000] as const

/** Where and when stores are asked. */
export interface Asking {
  readonly presence: Presence
  readonly scheduler: SchedulerLike
  readonly signal: AbortSignal
}

/** Finding about a message; `over` when it ended meanwhile, or the transport was closed. */
export type Finding = 'there' | 'not-there' | 'over'

/** Finds out whether a service node that said 505 has the message: it came back to us, or a store has it. */
export async function findPerhapsTaken(
  outgoing: Outgoing,
  { presence, scheduler, signal }: Asking,
): Promise<Finding> {
  const { pubsubTopic, message, stamped } = outgoing
  try {
    for (const afterMs of SETTLE_AFTER_MS) {
      if (afterMs > 0) await wait(scheduler, afterMs, signal)
      if (outgoing.ended) return 'over'
      const isThere =
        outgoing.echoed ||
        (!message.ephemeral && (await presence.of(pubsubTopic, stamped!.hash)) === true) ||
        outgoing.echoed
      if (isThere) return 'there'
    }
  } catch {
    // The transport was closed meanwhile, which has ended every request.
    return 'over'
  }
  return 'not-there'
}

/**
 * Finds out whether an old message is there that a service node perhaps took; `unknown` when no store answers. Where a
 * store does answer, its word counts at once: what was taken so long ago has reached it.
 */
export async function findInDoubt(
  outgoing: Outgoing,
  { presence, scheduler, signal }: Asking,
): Promise<Finding | 'unknown'> {
  const { pubsubTopic, stamped } = outgoing
  try {
    for (const afterMs of SETTLE_AFTER_MS) {
      if (afterMs > 0) await wait(scheduler, afterMs, signal)
      const isStored = outgoing.echoed || (await presence.of(pubsubTopic, stamped!.hash))
      if (outgoing.ended) return 'over'
      if (isStored === true || outgoing.echoed) return 'there'
      if (isStored === false) return 'not-there'
    }
  } catch {
    // The transport was closed meanwhile, which has ended every request.
    return 'over'
  }
  return 'unknown'
}

/** Waits until a store has the message, for `forMs` at most; half-way `onHalf` is called. */
export async function awaitStored(
  outgoing: Outgoing,
  forMs: number,
  onHalf: () => void,
  { presence, scheduler, signal }: Asking,
): Promise<Finding> {
  const { pubsubTopic } = outgoing
  const { hash } = outgoing.stamped!
  const startMs = scheduler.now()
  let isHalf = false
  try {
    for (let round = 0; ; round++) {
      const leftMs = startMs + forMs - scheduler.now()
      if (leftMs <= 0) break
      const everyMs = CONFIRM_EVERY_MS[Math.min(round, CONFIRM_EVERY_MS.length - 1)]!
      const untilHalfMs = isHalf ? Infinity : Math.max(leftMs - forMs / 2, 1)
      await wait(scheduler, Math.min(everyMs, leftMs, untilHalfMs), signal)
      if (outgoing.ended) return 'over'
      if ((await presence.of(pubsubTopic, hash)) === true) return 'there'
      if (!isHalf && scheduler.now() - startMs >= forMs / 2) {
        isHalf = true
        onHalf()
      }
    }
  } catch {
    // The transport was closed meanwhile, which has ended every request.
    return 'over'
  }
  return outgoing.ended ? 'over' : 'not-there'
}
