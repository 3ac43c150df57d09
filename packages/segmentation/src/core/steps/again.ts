import { type CompletedMessage, hasSeen, markSeen, reachOf } from '../completed-messages.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import { type Segment, wireIndexOf } from '../segment.ts'
import { type Span, distanceOf, widened } from '../span.ts'
import { storeCompleted } from './remember.ts'

/**
 * Whether a segment belongs to a message that is complete, rather than to the same payload sent once more: one that lacks it,
 * and near to which it stands, nearer than to the set that is being put together.
 */
export function isStraggler(
  state: ReassemblyState,
  { senderId, messageId, lamport }: ReassemblyFrame,
  segment: Segment,
  payloadHash: string,
  known: { readonly span: Span } | undefined,
): boolean {
  const all = state.completed.of(senderId, payloadHash)
  const place = wireIndexOf(segment)
  // Of what does not tell where it stands, what is being put together comes first.
  let nearest = known ? distanceOf(known.span, lamport) - 1 : Infinity
  let found: CompletedMessage | undefined
  for (const message of all) {
    const isAlike = message.dataCount === segment.dataCount && message.parityCount === segment.parityCount
    const distance = distanceOf(message.span, lamport)
    if (isAlike && !hasSeen(message, place) && distance <= Math.min(nearest, reachOf(message))) {
      nearest = distance
      found = message
    }
  }
  if (found) {
    markSeen(found.seen, place)
    found.span = widened(found.span, lamport)
    storeCompleted(state, found)
    return true
  }
  return messageId === undefined && all.length > 0
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
