import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import type { ShelveReason } from '../reassembly-output.ts'
import { encodeShelvedRecord } from '../records.ts'
import type { SegmentSet } from '../segment-set.ts'
import { wireIndexOf, type Segment } from '../segment.ts'
import { type ShelvedSet, messageIdsOf, newShelved } from '../shelf.ts'
import { widened } from '../span.ts'
import { arrived } from './invite.ts'
import { rejectDuplicate, dropSet, removeSet, loseShelved, giveUpShelved } from './lose.ts'

/**
 * Drops the contents of a set. Where its segments have message ids they were acknowledged, and SDS has them in its
 * history: their ids are kept, and the set goes on.
 */
export function putAside(state: ReassemblyState, set: SegmentSet, reason: ShelveReason): void {
  // It has enough segments: if they are right it need not go.
  state.jobs.finish(set)
  if (!state.pool.includes(set)) return
  const ids = new Map<number, string>()
  for (const [place, [first]] of set.places)
    if (first?.messageId !== undefined) ids.set(place, first.messageId)
  if (ids.size < set.places.size || state.limits.maxShelvedSegments === 0) return dropSet(state, set, reason)
  const shelved = newShelved(set)
  if (set.isRecalled) {
    // Nobody had what was asked for.
    for (const [place, messageId] of ids) shelved.segments.set(place, { messageId, recordKey: '' })
    removeSet(state, set)
    return giveUpShelved(state, shelved, 'forgotten')
  }
  state.ledger.shelve(set, reason)
  for (const [place, messageId] of ids)
    shelve(state, shelved, place, { messageId, lamport: set.span.last }, set.updatedAt)
  removeSet(state, set)
  tidyShelf(state)
}

/** Puts aside what must make room for a set that has grown. */
export function makeRoomFor(state: ReassemblyState, set: SegmentSet): void {
  for (let victim = state.pool.victim(set); victim !== undefined; victim = state.pool.victim(set)) {
    putAside(state, victim, 'evicted')
  }
}

/** Adds a further segment to a set that was put aside: its id is enough. */
export function joinAside(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  messageId: string,
  segment: Segment,
  set: ShelvedSet,
  now: number,
): void {
  const place = wireIndexOf(segment)
  if (set.segments.has(place)) return rejectDuplicate(state, frame, set)
  shelve(state, set, place, { messageId, lamport: frame.lamport }, now)
  arrived(state, set.key)
  const { sender, payloadHash, shape } = set
  const counts = { held: set.segments.size, needed: shape.dataCount, bytes: 0 }
  state.ledger.put({ type: 'progress', payloadHash, senderId: sender, ...counts })
  tidyShelf(state)
  if (set.origin !== undefined || counts.held < counts.needed) return
  set.origin = { frame, ...state.lane }
  wantContents(state, set)
}

/** Notes one segment of a set on the shelf. */
function shelve(
  state: ReassemblyState,
  set: ShelvedSet,
  place: number,
  { messageId, lamport }: { readonly messageId: string } & Pick<ReassemblyFrame, 'lamport'>,
  now: number,
): void {
  const recordKey = state.ledger.newKey('i')
  holdShelved(state, set, now)
  state.ledger.store(recordKey, () => encodeShelvedRecord({ ...set, messageId, lamport, place }))
  state.shelf.add(set, place, { messageId, recordKey })
  set.span = widened(set.span, lamport)
}

/** Before a segment is added to a set on the shelf. */
export function holdShelved(state: ReassemblyState, set: ShelvedSet, now: number): void {
  const { key, sender, shape } = set
  const { lengthBytes, dataCount: segments } = shape
  const bytes = lengthBytes ?? segments * state.limits.maxSegmentBytes
  if (set.segments.size === 0) state.places.hold({ key, sender, bytes, segments }, now)
  state.places.moved(key, now)
}

/** Gives up what is too much for the shelf. */
export function tidyShelf(state: ReassemblyState): void {
  for (let victim = state.shelf.victim(); victim !== undefined; victim = state.shelf.victim()) {
    loseShelved(state, victim, 'no-room')
  }
}

/** Asks the history of SDS for the contents of a set that is complete. */
export function wantContents(state: ReassemblyState, set: ShelvedSet): void {
  const { sender, payloadHash } = set
  state.ledger.put({ type: 'wanted', payloadHash, senderId: sender, messageIds: messageIdsOf(set) })
}
