import { type CompletedMessage, hasSeen, reachOf } from '../completed-messages.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import { type Segment, wireIndexOf } from '../segment.ts'
import { type Span, distanceOf } from '../span.ts'
import { storeCompleted } from './remember.ts'

/**
 * The complete message that a segment is a straggler of, where it is not of the same payload sent once more: one that lacks
 * it, and near to which it stands, nearer than to the set that is being put together.
 */
export function strayedFrom(
  state: ReassemblyState,
  { senderId, lamport }: Pick<ReassemblyFrame, 'senderId' | 'lamport'>,
  payloadHash: string,
  shape: Pick<Segment, 'dataCount' | 'parityCount'>,
  place: number,
  known?: { readonly span: Span },
): CompletedMessage | undefined {
  // Of what does not tell where it stands, what is being put together comes first.
  let nearest = known ? distanceOf(known.span, lamport) - 1 : Infinity
  let found: CompletedMessage | undefined
  for (const message of state.completed.of(senderId, payloadHash) ?? []) {
    const isAlike = message.dataCount === shape.dataCount && message.parityCount === shape.parityCount
    const distance = distanceOf(message.span, lamport)
    if (isAlike && !hasSeen(message, place) && distance <= Math.min(nearest, reachOf(message))) {
      nearest = distance
      found = message
    }
  }
  return found
}

/** Whether a segment belongs to a message that is complete, which has it then. */
export function isStraggler(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  segment: Segment,
  payloadHash: string,
  known: { readonly span: Span } | undefined,
): boolean {
  const place = wireIndexOf(segment)
  const found = strayedFrom(state, frame, payloadHash, segment, place, known)
  if (found) {
    state.completed.came(found, place, frame.lamport)
    storeCompleted(state, found)
    return true
  }
  return frame.messageId === undefined && state.completed.of(frame.senderId, payloadHash) !== undefined
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
