import { owned } from '../owned.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import { encodeSegmentRecord } from '../records.ts'
import { SegmentSet, type HeldSegment } from '../segment-set.ts'
import type { Segment } from '../segment.ts'
import { newShelved } from '../shelf.ts'
import { widened } from '../span.ts'
import { completeAlone, completeSet } from './complete.ts'
import { arrived } from './invite.ts'
import { rejectDuplicate } from './lose.ts'
import { putAside, makeRoomFor, joinAside } from './put-aside.ts'

/**
 * Sets of one payload whose segments contradict each other, kept side by side until one proves right.
 * @limit A further one is rejected (`count-mismatch`).
 */
const MAX_RIVALS = 4

/** Adds a segment to its set, and completes or limits what follows. */
export function join(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  segment: Segment,
  payloadHash: string,
  known: SegmentSet | undefined,
  now: number,
): void {
  const sender = frame.senderId
  const rivals = known === undefined ? state.pool.rivals(sender, payloadHash) : []
  if (rivals.length >= MAX_RIVALS) return state.ledger.reject('count-mismatch', frame)
  const isNew = known === undefined
  if (isNew && rivals.length === 0 && completeAlone(state, frame, segment, payloadHash)) return
  const set = known ?? new SegmentSet(sender, segment, now, rivals.length > 0, state.newHasher)
  const relation = set.relation(segment)
  if (relation === 'duplicate') return rejectDuplicate(state, frame, set)
  if (relation === 'conflict' && !set.hasRoomAside(segment)) return state.ledger.reject('conflict', frame)
  if (!state.pool.fitsAlone(set.sender, set.bytes + segment.content.length)) {
    if (!isNew) putAside(state, set, 'evicted')
    const shelved = state.shelf.get(set.claim.key)
    const canBegin = isNew && state.limits.maxShelvedSegments > 0
    const aside = shelved ?? (canBegin ? newShelved(set) : undefined)
    if (aside === undefined || frame.messageId === undefined) return state.ledger.reject('cache-full', frame)
    // A message that is too large to be held may still come out of the history, whole.
    return joinAside(state, frame, frame.messageId, segment, aside, now)
  }
  const held: HeldSegment = {
    content: owned(segment.content),
    messageId: frame.messageId,
    recordKey: undefined,
  }
  set.add(segment, held)
  set.span = widened(set.span, frame.lamport)
  if (isNew) state.pool.insert(set)
  state.pool.gained(set, held, relation === 'new' ? now : undefined)
  arrived(state, set.claim.key)

  if (relation === 'conflict') state.ledger.reject('conflict', frame)
  else if (set.isRival) state.ledger.reject('count-mismatch', frame)
  else state.ledger.progress(set)

  completeSet(state, set, { frame, ...state.lane })
  if (!state.pool.includes(set)) return
  held.recordKey = state.ledger.newKey('s')
  state.ledger.store(held.recordKey, () =>
    encodeSegmentRecord({
      sender: set.sender,
      receivedAt: set.updatedAt,
      payload: frame.payload,
      messageId: frame.messageId,
      lamport: frame.lamport,
    }),
  )
  makeRoomFor(state, set)
}
