import { hasSeen, markSeen } from '../completed-messages.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-types.ts'
import type { SenderIdentity } from '../segment-set.ts'
import { type Segment, wireIndexOf } from '../segment.ts'
import { storeCompleted } from './remember.ts'

/** Whether a segment belongs to a message that is complete, rather than to the same payload sent once more. */
export function isStraggler(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  segment: Segment,
  sender: SenderIdentity,
  payloadHash: string,
  known: object | undefined,
): boolean {
  const message = state.completed.get(sender, payloadHash)
  if (message === undefined) return false
  const place = wireIndexOf(segment)
  const alike = message.dataCount === segment.dataCount && message.parityCount === segment.parityCount
  if (frame.messageId !== undefined && frame.late !== true) {
    if (known !== undefined || !alike || hasSeen(message, place)) return false
  }
  if (alike && !hasSeen(message, place)) {
    markSeen(message.seen, place)
    storeCompleted(state, message)
  }
  return true
}

/** Whether a segment may be what did not come of a message that was complete, makes it once more, and is forgotten. */
export function isBeyond(
  state: ReassemblyState,
  { senderId, lamport, late, ephemeral = false }: ReassemblyFrame,
  segment: Segment,
): boolean {
  const { isParity, dataCount, parityCount } = segment
  if (lamport === undefined || (!isParity && late !== true) || parityCount < dataCount) return false
  return state.horizons.isBeyond(senderId, ephemeral, lamport)
}
