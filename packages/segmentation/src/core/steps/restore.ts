import { hexOf } from '@reliable-channels/wire'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyStageOptions } from '../reassembly-options.ts'
import type { RestoredSegment, RestoredShelved } from '../records.ts'
import type { Restored } from '../restored.ts'
import { SegmentSet, keyOfSet, shapeKey } from '../segment-set.ts'
import { newShelved } from '../shelf.ts'
import { widened } from '../span.ts'
import { completeSet, unknownOrigin } from './complete.ts'
import { putAside, makeRoomFor, holdShelved, tidyShelf, wantContents } from './put-aside.ts'
import { forgetComplete } from './remember.ts'

/** Brings back what an earlier stage has stored, within the limits of this one. */
export function restoreSets(
  state: ReassemblyState,
  { segments, messages, shelved, horizons, damaged }: Restored,
  { onCorrupt, restoredAt }: Pick<ReassemblyStageOptions, 'onCorrupt' | 'restoredAt'>,
): void {
  for (const key of damaged) {
    onCorrupt?.(key, 'not a record of this version')
    state.ledger.forget(key)
  }
  for (const horizon of horizons) if (!state.horizons.restore(horizon)) state.ledger.forget(horizon.recordKey)
  for (const message of messages) forgetComplete(state, state.completed.add(message))
  for (const one of shelved) restoreShelved(state, one)
  tidyShelf(state)
  for (const segment of segments) restoreSegment(state, segment)
  for (const set of state.shelf.all()) if (set.segments.size >= set.shape.dataCount) wantContents(state, set)
  if (restoredAt === undefined) return
  for (const set of state.pool.all()) set.updatedAt = restoredAt
  state.places.putOff(restoredAt)
}

/** Goes on with messages that had enough segments when the earlier stage ended. */
export function resume(state: ReassemblyState): void {
  for (const set of state.pool.all()) {
    const [last] = [...set.places.values()].at(-1)!
    completeSet(state, set, unknownOrigin(set.sender, last!.messageId))
  }
}

function restoreShelved(state: ReassemblyState, restored: RestoredShelved): void {
  const { sender, messageId, shape, shapeKey: key, place, lamport, recordKey } = restored
  const payloadHash = hexOf(shape.hash)
  const known = state.shelf.get(keyOfSet(sender, payloadHash, key))
  if (known?.segments.has(place) === true) return state.ledger.forget(recordKey)
  const set = known ?? newShelved({ sender, payloadHash, shapeKey: key, shape })
  holdShelved(state, set, 0)
  state.shelf.add(set, place, { messageId, recordKey })
  set.span = widened(set.span, lamport)
}

function restoreSegment(state: ReassemblyState, restored: RestoredSegment): void {
  const { sender, messageId, receivedAt, segment, lamport, isRecalled, recordKey } = restored
  const payloadHash = hexOf(segment.hash)
  const known = state.pool.get(keyOfSet(sender, payloadHash, shapeKey(segment)))
  const isRival = known === undefined && state.pool.rivals(sender, payloadHash).length > 0
  const set = known ?? new SegmentSet(sender, segment, receivedAt, isRival, state.newHasher)
  const relation = set.relation(segment)
  if (relation === 'duplicate') return state.ledger.forget(recordKey)
  if (!state.pool.fitsAlone(sender, set.bytes + segment.content.length)) {
    state.ledger.forget(recordKey)
    if (known !== undefined) putAside(state, known, 'evicted')
    return
  }
  set.isRecalled ||= isRecalled
  const held = { content: segment.content, messageId, recordKey }
  set.add(segment, held)
  set.span = widened(set.span, lamport)
  if (known === undefined) state.pool.insert(set)
  state.pool.gained(set, held, receivedAt)
  makeRoomFor(state, set)
}
