import { hexOf, unshared } from '@reliable-channels/wire'
import { decodeSegment } from '../decode-segment.ts'
import type { ReassemblyState } from '../reassembly-state.ts'
import type { ReassemblyFrame } from '../reassembly-frame.ts'
import { keyOfSet, shapeKey } from '../segment-set.ts'
import { validateSegment } from '../validate-segment.ts'
import { isBeyond, isStraggler } from './again.ts'
import { join } from './join.ts'
import { consider } from './offer.ts'
import { joinAside } from './put-aside.ts'

/** Takes in a segment, or says why not. */
export function receiveSegment(state: ReassemblyState, frame: ReassemblyFrame, now: number): void {
  if (frame.messageId !== undefined) state.parked.remove(frame.messageId)
  if (state.raw) return emitWhole(state, frame)
  const segment = decodeSegment(frame.payload)
  if (segment === undefined) return state.ledger.reject('undecodable', frame)
  const fault = validateSegment(segment, state.limits.maxSegmentBytes)
  if (fault !== undefined) return state.ledger.reject(fault, frame)
  const sender = frame.senderId
  const payloadHash = hexOf(segment.hash)
  const key = keyOfSet(sender, payloadHash, shapeKey(segment))
  const known = state.pool.get(key)
  const shelved = known === undefined ? state.shelf.get(key) : undefined
  const begun = known ?? shelved
  if (
    isStraggler(state, frame, segment, payloadHash, begun) ||
    (begun === undefined && isBeyond(state, frame, segment))
  )
    return state.ledger.reject('completed', frame)
  if (shelved !== undefined && frame.messageId !== undefined)
    joinAside(state, frame, frame.messageId, segment, shelved, now)
  else join(state, frame, segment, payloadHash, known, now)
  consider(state, state.parked.group(key))
}

/** Hands on a frame that is a message. */
function emitWhole(state: ReassemblyState, frame: ReassemblyFrame): void {
  const message = { payloadHash: '', dataCount: 1, parityCount: 0, heldCount: 1, recovered: false }
  state.ledger.put({ type: 'message', frame, payload: unshared(frame.payload), message, ...state.lane })
}
