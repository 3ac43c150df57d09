import { unshared } from '@reliable-channels/wire'
import type { SdsInput, TrafficFrame } from '../input.ts'
import { encodeRepair } from './respond.ts'
import { dispatched } from './dispatch-ended.ts'
import { encodeContent } from './encode.ts'
import { encodeRetransmission, resendLacked, retransmissionWithdrawn } from './retransmit.ts'
import type { SdsState } from '../state.ts'
import { encodeSync, syncDispatchEnded, syncWithdrawn } from './sync.ts'

/*
 * Follows the frames of this participant on their way out: each leaves whatever holds frames back and is encoded
 * then, or is withdrawn; and what was encoded is dispatched, or that fails.
 */

/** A frame leaves: own traffic that nobody needs any more is not put out. */
export function encode(
  state: SdsState,
  { frame, lane }: Extract<SdsInput, { type: 'encode' }>,
  now: number,
): void {
  const payload =
    state.settings.encoding === 'at-once'
      ? unshared(frame.payload)
      : encodeFrame(state, frame.messageId, frame, now)
  if (payload === undefined) state.outputs.put({ type: 'not-encoded', lane, frame })
  else state.outputs.put({ type: 'encoded', lane, frame, payload })
}

function encodeFrame(
  state: SdsState,
  messageId: string,
  { kind, payload }: Extract<SdsInput, { type: 'encode' }>['frame'],
  now: number,
): Uint8Array<ArrayBuffer> | undefined {
  switch (kind) {
    case 'content':
      // A frame that is not tracked was encoded when it was wrapped; one that is neither here nor there was taken back.
      return state.unreleased.takeUntracked(messageId)
        ? unshared(payload)
        : encodeContent(state, messageId, now)
    case 'retransmission':
      return encodeRetransmission(state, messageId, now)
    case 'repair':
      return encodeRepair(state, messageId, now)
    case 'sync':
      return encodeSync(state, messageId, now)
  }
}

/** Own traffic was not wanted when it might have left. */
export function withdrawn(
  state: SdsState,
  { messageId, kind }: Pick<TrafficFrame, 'messageId' | 'kind'>,
  now: number,
): void {
  if (kind === 'sync') syncWithdrawn(state, messageId, now)
  else if (kind === 'repair') state.repairs.end(messageId, now)
  else retransmissionWithdrawn(state, messageId)
}

/** The latest attempt to dispatch a frame has ended. A repair and another copy of an own message may be under way at once. */
export function dispatchEnded(
  state: SdsState,
  { messageId, outcome, kind }: Extract<SdsInput, { type: 'dispatch-ended' }>,
  now: number,
): void {
  const { unreleased, copies } = state
  copies.dispatchReported()
  if (kind === undefined || kind === 'repair') state.repairs.end(messageId, now)
  if (kind === 'repair') return
  const message = state.unacknowledged.get(messageId)
  if (message !== undefined) {
    dispatched(state, message, outcome, now)
    const lackedBy = copies.takeLackedBy(message, now)
    // Somebody was seen to lack it while this copy was on its way, and should have had it.
    if (lackedBy !== undefined && outcome === 'dispatched') resendLacked(state, message, lackedBy, now, true)
  } else {
    unreleased.take(messageId)
    unreleased.takeUntracked(messageId)
    syncDispatchEnded(state, messageId, outcome, now)
  }
}
