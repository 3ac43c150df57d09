import type { Arrival } from '../input.ts'
import { meet } from './met.ts'
import type { SdsMessage } from '../wire/message.ts'
import { type SdsState, reject } from '../state.ts'
import { addMet } from './store.ts'
import type { Horizon } from '../parts/horizons.ts'
import type { MissingMessage } from '../parts/missing-message.ts'

/** Turns away a message that may have been here before. What waits for it does not wait any longer. */
export function turnAwayAsOld(
  state: SdsState,
  { messageId, senderId, lamport = 0 }: SdsMessage,
  { frame }: Arrival,
  horizon: Horizon,
  found: MissingMessage | undefined,
): void {
  const detail = `timestamp ${lamport}: up to ${horizon.lamport} what came of its sender is forgotten`
  reject(state, frame, 'older-than-history', detail)
  if (found === undefined) return
  addMet(state, messageId, 'forgotten', undefined, { lamport, senderId })
  meet(state, messageId)
}
