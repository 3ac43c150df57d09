import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import type { SetDropReason, LostReason } from '../reassembly-output.ts'
import type { SegmentSet } from '../segment-set.ts'
import { type ShelvedSet, messageIdsOf } from '../shelf.ts'

/** Drops a set for good. Whoever acknowledged its segments takes that back. */
export function dropSet(state: ReassemblyState, set: SegmentSet, reason: SetDropReason): void {
  const { sender, payloadHash, places } = set
  const copies = [...places.values()].flat()
  const messageIds = copies.flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]))
  if (messageIds.length > 0) state.ledger.put({ type: 'disowned', payloadHash, senderId: sender, messageIds })
  state.ledger.drop(set, reason)
  removeSet(state, set)
}

/** Segments of a payload sent once more that are asked for when the first is whole. @limit Further ones are not. */
const MOST_REPEATED = 1_024

/**
 * Its place in a set is taken. One of the same payload sent once more is acknowledged no more, and asked for when that set is
 * whole.
 */
export function rejectDuplicate(
  state: ReassemblyState,
  frame: ReassemblyFrame,
  { payloadHash, repeated }: Pick<ShelvedSet, 'payloadHash' | 'repeated'>,
): void {
  const { senderId, messageId } = frame
  if (messageId !== undefined) {
    state.ledger.put({ type: 'disowned', payloadHash, senderId, messageIds: [messageId] })
    if (repeated.length < MOST_REPEATED) repeated.push(messageId)
  }
  state.ledger.reject('duplicate', frame)
}

/** Takes a set out of the pool, and its segments out of the store. */
export function removeSet(state: ReassemblyState, set: SegmentSet): void {
  state.pool.remove(set)
  for (const copies of set.places.values())
    for (const { recordKey } of copies) if (recordKey !== undefined) state.ledger.forget(recordKey)
}

/** Gives up a set on the shelf. */
export function loseShelved(state: ReassemblyState, set: ShelvedSet, reason: LostReason): void {
  giveUpShelved(state, set, reason)
  removeShelved(state, set)
}

/** What was acknowledged of a message that will not come is acknowledged no more. */
export function giveUpShelved(state: ReassemblyState, set: ShelvedSet, reason: LostReason): void {
  const { sender, payloadHash } = set
  state.ledger.put({ type: 'disowned', payloadHash, senderId: sender, messageIds: messageIdsOf(set) })
  state.ledger.lose(set, reason)
}

/** Takes a set off the shelf, and the ids of its segments out of the store. */
export function removeShelved(state: ReassemblyState, set: ShelvedSet): void {
  state.shelf.remove(set)
  state.places.release(set.key)
  for (const { recordKey } of set.segments.values()) state.ledger.forget(recordKey)
}
