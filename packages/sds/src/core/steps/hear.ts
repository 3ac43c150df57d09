import { expectOf } from './remind.ts'
import { planSearch } from './search.ts'
import { msOfLamport } from '../wire/lamport-ms.ts'
import { type SdsMessage, kindOf } from '../wire/message.ts'
import type { SdsState } from '../state.ts'

/** Somebody is there. A sync message with a filter was made now: it is no copy, which has the time of the first, nor another's. */
export function hear(state: SdsState, message: SdsMessage, now: number): void {
  const { group, lifetime, heardMembers, settings } = state
  const { senderId, lamport, sentAt = now, bloomFilter, repairRequest } = message
  const asks = repairRequest.length > 0
  if (lamport === undefined) heardMembers.hear(senderId, Number(sentAt), asks, now)
  // What others repair has no filter.
  else if (bloomFilter !== undefined) {
    heardMembers.hear(senderId, msOfLamport(lamport), asks, now)
    expectOf(state, senderId, state.ownLog.newest, now)
  }
  if (group.hear(message.senderId, now)) {
    askNewlyHeard(state, message.senderId, now)
    planSearch(state, now)
  }
  if (!lifetime.isNewcomer || lamport === undefined) return
  lifetime.hear(msOfLamport(lamport), bloomFilter && kindOf(message), now, settings.maxFutureSkewMs)
}

/** Somebody is there who was not until now: his missing messages no longer wait for third parties to repair them. */
function askNewlyHeard({ missing, repairRequests }: SdsState, senderId: string, now: number): void {
  if (repairRequests.size === 0) return
  for (const one of missing.values())
    if (one.entry.senderId === senderId) repairRequests.authorIsThere(one, now)
}
