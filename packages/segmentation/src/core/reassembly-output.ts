import type { MessageInfo, ReassemblyFrame } from './reassembly-frame.ts'

/** Outputs of the stage. */
export type ReassemblyOutput<F extends ReassemblyFrame = ReassemblyFrame> =
  | {
      readonly type: 'message'
      readonly frame: F
      readonly payload: Uint8Array<ArrayBuffer>
      readonly message: MessageInfo
      /** The lane of `frame`, if one was given. */
      readonly lane?: object
    }
  | ReassemblyEvent<F>

/** Outputs besides messages. */
export type ReassemblyEvent<F extends ReassemblyFrame = ReassemblyFrame> =
  | RejectedEvent<F>
  | DroppedEvent
  | ProgressEvent
  | RebuiltEvent
  | ShelvedEvent
  | WantedEvent
  | QueuedEvent
  | LackingEvent
  | DisownedEvent
  | LostEvent

/**
 * Why a segment did not join a set, or would not.
 *
 * - `undecodable`: not a protobuf message;
 * - `invalid`: its numbers are out of bounds or contradict each other;
 * - `oversized`: longer than `maxSegmentBytes`;
 * - `duplicate`: the same segment is held already, maybe of the same payload sent before;
 * - `completed`: its message is complete, or may have been and is forgotten (see `maxCompleted`);
 * - `count-mismatch`: its counts, or the length of the payload or its parts, differ from those of the segment that came
 *   first (kept apart while there is room, in case that one was corrupt);
 * - `conflict`: another content came first at its place (kept apart while there is room, likewise);
 * - `cache-full`: its set alone exceeds a limit;
 * - `no-room`: there is no room for its message now, and it was not acknowledged: it is asked for once there is.
 */
export type SegmentRejectReason =
  | 'undecodable'
  | 'invalid'
  | 'oversized'
  | 'duplicate'
  | 'completed'
  | 'count-mismatch'
  | 'conflict'
  | 'cache-full'
  | 'no-room'

/**
 * Why an incomplete set was given up.
 *
 * - `expired`: no new segment for `timeoutMs`;
 * - `evicted`: it had to make room;
 * - `hash-mismatch`: what its segments make is not the payload they promise.
 */
export type SetDropReason = 'expired' | 'evicted' | 'hash-mismatch'

/**
 * Why an incomplete set was put aside: its contents are dropped, and the ids of its messages kept.
 *
 * - `expired`: no new segment for `timeoutMs`;
 * - `evicted`: it had to make room.
 */
export type ShelveReason = 'expired' | 'evicted'

/**
 * Why a message will not come.
 *
 * - `forgotten`: the history has not got its segments any more, nor has anybody else;
 * - `no-room`: too many sets were put aside, or wait for room;
 * - `not-sent-again`: segments were refused for want of room, and did not come again when there was some;
 * - `too-large`: it, or a segment of it, is longer than may be held;
 * - `hash-mismatch`: what its segments make is not the payload they promise.
 */
export type LostReason = 'forgotten' | 'no-room' | 'not-sent-again' | 'too-large' | 'hash-mismatch'

/** A message or an incomplete set, as events name it. */
export interface SetName {
  /** Keccak-256 of the payload in hex. */
  readonly payloadHash: string
  readonly senderId: string | undefined
}

/** A message that need not be waited for. */
export interface WaivedMessage {
  readonly messageId: string
  /** The sender by whose word it is waived. Messages that list it as somebody else's still depend on it. */
  readonly senderId: string
}

/** A segment that did not join a set. */
export interface RejectedEvent<F extends ReassemblyFrame = ReassemblyFrame> {
  readonly type: 'rejected'
  readonly reason: SegmentRejectReason
  readonly frame: F
}

/** Counts of an incomplete set. */
export interface SetProgress extends SetName {
  /** Different segments that have come. */
  readonly held: number
  /** Segments that make it complete. */
  readonly needed: number
  /** Content held, in bytes. */
  readonly bytes: number
}

/**
 * An incomplete set whose segments have message ids was put aside: it goes on without their contents, which the history
 * of SDS has. Nothing is lost by it.
 */
export interface ShelvedEvent extends SetProgress {
  readonly type: 'shelved'
  readonly reason: ShelveReason
}

/**
 * Enough segments have come of a set that was put aside: their contents are wanted, as a `readmit`. It is put out once,
 * and again after a restart.
 */
export interface WantedEvent extends SetName {
  readonly type: 'wanted'
  readonly messageIds: readonly string[]
}

/** There is no room for a message now: its segments are refused, and asked for once there is. */
export interface QueuedEvent extends SetName {
  readonly type: 'queued'
  /** Length of the payload; `undefined` where its segments do not tell. */
  readonly lengthBytes: number | undefined
}

/**
 * Segments that were refused, and that there is room for now; whose places were taken by the same payload sent before, which
 * is whole now; or of which the history has forgotten the contents: they are to be asked for.
 */
export interface LackingEvent extends SetName {
  readonly type: 'lacking'
  readonly messageIds: readonly string[]
}

/**
 * Segments that were acknowledged, of a message that is lost, or whose places the same payload sent before has: the
 * acknowledgement is to be taken back.
 */
export interface DisownedEvent extends SetName {
  readonly type: 'disowned'
  readonly messageIds: readonly string[]
}

/** A message is given up of which segments had come. */
export interface LostEvent extends SetName {
  readonly type: 'lost'
  readonly reason: LostReason
  /** Length of the payload; `undefined` where its segments do not tell. */
  readonly lengthBytes: number | undefined
  /** Different segments that had come. */
  readonly held: number
  /** Segments that make it complete. */
  readonly needed: number
}

/** An incomplete set that was given up, with its segments. */
export interface DroppedEvent extends SetProgress {
  readonly type: 'dropped'
  readonly reason: SetDropReason
  /** That its message is lost was told before. */
  readonly again?: true
  /** Length of the payload; `undefined` where its segments do not tell. */
  readonly lengthBytes: number | undefined
}

/** A segment joined a set. */
export interface ProgressEvent extends SetProgress {
  readonly type: 'progress'
}

/**
 * Held and parked segments together make a payload, so that what the parked ones still wait for can be waived.
 * Nothing is delivered by it: the message comes when SDS has released its segments.
 */
export interface RebuiltEvent extends SetName {
  readonly type: 'rebuilt'
  /** Its parked segments, in the order in which they were sent. */
  readonly messageIds: readonly string[]
  readonly waive: readonly WaivedMessage[]
}
