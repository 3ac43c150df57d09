import { concat, equalBytes } from '@reliable-channels/wire'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-types.ts'
import type { Assembled } from '../assemble.ts'
import { rebuild } from '../rebuild.ts'
import { type SegmentSet, shapeOf, type SenderIdentity } from '../segment-set.ts'
import type { Segment } from '../segment.ts'
import { NOWHERE, widened } from '../span.ts'
import { removeSet, removeShelved } from './lose.ts'
import { rememberComplete } from './remember.ts'

/** Of a message of a single segment. */
const FIRST_PLACE: readonly number[] = [0]

/** Completes a message of a single segment, as most are, without a set for it. Returns whether it was one, and intact. */
export function completeAlone(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  segment: Segment,
  payloadHash: string,
): boolean {
  const { dataCount, parityCount, hash, content } = segment
  const { senderId: sender } = frame
  if (dataCount !== 1 || parityCount !== 0 || !state.pool.fitsAlone(sender, content.length)) return false
  const payload = concat([content])
  if (!equalBytes(state.newHasher().update(payload).digest(), hash)) return false
  const { length: bytes } = payload
  state.ledger.put({ type: 'progress', payloadHash, senderId: sender, held: 1, needed: 1, bytes })
  forgetRivals(state, sender, payloadHash)
  const span = widened(NOWHERE, frame.lamport)
  rememberComplete(state, { sender, payloadHash, shape: shapeOf(segment), span }, FIRST_PLACE, frame)
  const message = { payloadHash, dataCount, parityCount, heldCount: 1, recovered: false }
  state.ledger.put({ type: 'message', frame, payload, message, ...state.lane })
  return true
}

/** Completes a set that has enough segments. Returns whether its payload is intact. */
export function completeSet(state: ReassemblyState, set: SegmentSet, frame: ReassemblyFrame): boolean {
  if (set.held < set.needed) return false
  const assembled = rebuild(set.shape, set.places, set.budget, state.newHasher, set.digest())
  if (assembled === undefined) return false
  const told = set.isRecalled ? { ...frame, late: true } : frame
  conclude(state, set, assembled, {
    frame: told,
    ...state.lane,
    places: set.places.keys(),
    heldCount: set.held,
  })
  return true
}

/** What a message was made of, and what made it complete. */
interface Completion {
  readonly frame: ReassemblyFrame
  readonly lane?: object
  /** Of the segments that have come. */
  readonly places: Iterable<number>
  /** Segments that were at hand. */
  readonly heldCount: number
}

/** Hands on a message of several segments, and remembers it. */
export function conclude(
  state: ReassemblyState,
  set: Pick<SegmentSet, 'sender' | 'payloadHash' | 'shape' | 'span'>,
  { parts, recovered }: Assembled,
  { frame, places, heldCount, ...lane }: Completion,
): void {
  const { sender, payloadHash, shape } = set
  const { dataCount, parityCount } = shape
  const message = { payloadHash, dataCount, parityCount, heldCount, recovered }
  forgetRivals(state, sender, payloadHash)
  rememberComplete(state, set, places, frame)
  state.ledger.put({ type: 'message', frame, payload: concat(parts), message, ...lane })
}

/** Removes all sets of a payload that is complete. */
function forgetRivals(state: ReassemblyState, sender: SenderIdentity, payloadHash: string): void {
  for (const rival of state.pool.rivals(sender, payloadHash)) removeSet(state, rival)
  for (const rival of state.shelf.ofPayload(sender, payloadHash)) removeShelved(state, rival)
}
