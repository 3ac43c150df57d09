import type { ReassemblyState } from '../reassembly-state.ts'
import { putAside } from './put-aside.ts'

/** When the oldest set expires, ms. */
export function expiryOf({ pool, limits }: ReassemblyState): number | undefined {
  return pool.oldest && pool.oldest.updatedAt + limits.timeoutMs
}

/** Puts aside the sets of which nothing new has come for too long, but for those that may yet go on. */
export function expire(state: ReassemblyState, now: number): void {
  const { pool, parked, limits, isAwaited } = state
  for (let set = pool.oldest; set !== undefined; set = pool.oldest) {
    if (set.updatedAt + limits.timeoutMs > now) break
    const { sender, payloadHash } = set
    const isParked = parked.group(set.claim.key) !== undefined
    if (isParked || isAwaited({ senderId: sender, payloadHash })) pool.grew(set, 0, now)
    else putAside(state, set, 'expired')
  }
}

/** The machine slept: overdue sets get the time back. */
export function putOff({ pool, places, limits }: ReassemblyState, now: number): void {
  pool.putOff(now - limits.timeoutMs, now)
  places.putOff(now)
}
