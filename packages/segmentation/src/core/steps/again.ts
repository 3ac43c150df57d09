import { type CompletedMessage, hasSeen, markSeen } from '../completed-messages.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
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
  const isSeen = alike && hasSeen(message, place)
  if (frame.messageId !== undefined) {
    if (known !== undefined || !alike) return false
    if (isSeen && !mayBeOfEarlier(frame, message)) return false
  }
  if (alike && !isSeen) {
    markSeen(message.seen, place)
    storeCompleted(state, message)
  }
  return true
}

/**
 * Whether a segment that comes late, and of which a complete message has one already, may be what did not come of the same
 * payload when it was sent before. Of a message without parity nothing lacks once it is complete.
 */
const mayBeOfEarlier = (
  { late, lamport }: ReassemblyFrame,
  { parityCount, span: { last } }: CompletedMessage,
): boolean =>
  // Neither is greater where one of them is not known.
  late === true && parityCount > 0 && !(lamport! > last!)

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
