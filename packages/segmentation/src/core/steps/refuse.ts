import { hexOf } from '@reliable-channels/wire'
import { decodeSegment } from '../decode-segment.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import type { SegmentRejectReason } from '../reassembly-output.ts'
import { claimOf, shapeKey, shapeOf, wholeSizeOf } from '../segment-set.ts'
import { wireIndexOf, type Segment } from '../segment.ts'
import { newShelved } from '../shelf.ts'
import { validateSegment } from '../validate-segment.ts'
import { strayedFrom } from './again.ts'

/** Why a segment cannot be held, now or ever. */
export function refusal(state: ReassemblyState, frame: ReassemblyFrame): SegmentRejectReason | undefined {
  if (state.raw) return undefined
  const segment = decodeSegment(frame.payload)
  if (segment === undefined) return 'undecodable'
  return validateSegment(segment, state.limits.maxSegmentBytes) ?? refusalOf(state, segment, frame)
}

function refusalOf(
  state: ReassemblyState,
  segment: Segment,
  frame: ReassemblyFrame,
): 'cache-full' | 'no-room' | undefined {
  const { senderId: sender } = frame
  if (!state.places.canHold({ sender, ...wholeSizeOf(segment) })) return 'cache-full'
  // One that is whole when it comes takes no place.
  if (segment.dataCount === 1) return undefined
  const claim = claimOf(sender, segment)
  if (state.places.has(claim.key)) return undefined
  if (strayedFrom(state, frame, hexOf(segment.hash), segment, wireIndexOf(segment))) return undefined
  // Who waits has his turn first.
  const { first } = state.queue
  const hasRoom = state.places.hasRoom(claim, first?.key === claim.key ? undefined : first)
  return hasRoom ? undefined : 'no-room'
}

/** A segment was refused: it comes again once there is room for its message, if there ever is. */
export function turnAway(state: ReassemblyState, frame: ReassemblyFrame, now: number): void {
  const reason = refusal(state, frame) ?? 'no-room'
  state.ledger.reject(reason, frame)
  const segment = decodeSegment(frame.payload)
  if (segment === undefined || reason === 'invalid') return
  const { senderId, messageId } = frame
  const claim = claimOf(senderId, segment)
  const queued = state.queue.get(claim.key)
  const payloadHash = hexOf(segment.hash)
  const shape = shapeOf(segment)
  const set = queued ?? newShelved({ sender: senderId, payloadHash, shapeKey: shapeKey(segment), shape })
  if (reason !== 'no-room') {
    state.ledger.lose(set, 'too-large')
    return
  }
  if (messageId === undefined) return
  if (queued === undefined)
    state.ledger.put({ type: 'queued', payloadHash, senderId, lengthBytes: shape.lengthBytes })
  const victim = state.queue.add(claim, set, wireIndexOf(segment), messageId)
  if (victim !== undefined) state.ledger.lose(victim, 'no-room')
  state.places.moved(claim.key, now)
}
