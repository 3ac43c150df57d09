import type { Entry } from '@reliable-channels/store'
import type { Frame } from '@reliable-channels/stage'
import type { Uint64 } from '@reliable-channels/wire'
import type { HasherFactory } from './hasher.ts'
import type { SegmentDialect } from './dialect.ts'

/** Fields that reassembly looks at in a frame; others travel along. */
export interface ReassemblyFrame extends Frame {
  /** Who sent it, where that is known: segments of different senders never mix, and limits are kept for each. */
  readonly senderId?: string | undefined
  /**
   * Set where every message has an id by which repetitions were already removed, as behind SDS. It lets a sender say
   * the same thing twice: a segment that has come already is then the beginning of the same payload sent again, where
   * without ids it is a repetition.
   */
  readonly messageId?: string | undefined
  /**
   * Came after its place in causal order was given up: it may be what did not come of a message with parity that was complete
   * before the same payload was sent again. Also said of a message, where some of it was forgotten and asked for again.
   */
  readonly late?: boolean | undefined
  /**
   * Where it stands among what its sender has sent, as its Lamport timestamp behind SDS tells; those of one payload stand
   * together. By it a segment is refused that may be what did not come of a message that was complete and is forgotten.
   */
  readonly lamport?: Uint64 | undefined
  /** Whether it is ephemeral: those have an order of their own. */
  readonly ephemeral?: boolean | undefined
}

/** Facts of a whole message. */
export interface MessageInfo {
  /** Keccak-256 of the payload in hex; empty with the `raw` dialect. */
  readonly payloadHash: string
  readonly dataCount: number
  readonly parityCount: number
  /** Segments that were held when it was complete. */
  readonly heldCount: number
  /** Whether parity stood in for lost data. */
  readonly recovered: boolean
}

/** A frame whose `payload` is a whole message. */
export interface MessageFrame {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly message: MessageInfo
}

/**
 * Why a segment did not join a set, or would not.
 *
 * - `undecodable`: not a protobuf message;
 * - `invalid`: its numbers are out of bounds or contradict each other;
 * - `oversized`: longer than `maxSegmentBytes`;
 * - `duplicate`: the same segment is held already;
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

/** A segment that SDS holds back because something it depends on is missing. */
export interface ParkedSegment {
  readonly messageId: string
  readonly senderId: string
  /** The encoded segment; not copied, and must not change. */
  readonly content: Uint8Array
  /** Ids that it waits for. */
  readonly missing: readonly string[]
  /** The entries of its causal history that name its own sender, oldest first. */
  readonly sameSenderHistory: readonly { readonly messageId: string }[]
}

/** A message that need not be waited for. */
export interface WaivedMessage {
  readonly messageId: string
  /** The sender by whose word it is waived. Messages that list it as somebody else's still depend on it. */
  readonly senderId: string
}

/** Segments of one payload that were put aside, as the history of SDS has them. */
export interface ReadmittedSegments extends SetName {
  /** A content is the encoded segment; `undefined` where the history has it no more. */
  readonly segments: readonly { readonly messageId: string; readonly content: Uint8Array | undefined }[]
}

/** Inputs of the stage. */
export type ReassemblyInput<F extends ReassemblyFrame = ReassemblyFrame> =
  | {
      readonly type: 'segment'
      readonly frame: F
      /** The lane that the segment came by; it comes back with the message that the segment completes. */
      readonly lane?: object
    }
  /** Segments that SDS has parked; see {@link ParkedSegment}. */
  | { readonly type: 'offer'; readonly parked: readonly ParkedSegment[] }
  /** A segment that was refused before it was acknowledged, see `refusal`. */
  | { readonly type: 'refused'; readonly frame: F }
  /** Contents that a `wanted` asked for. */
  | ({ readonly type: 'readmit' } & ReadmittedSegments)
  /** Puts out and stores what restoring has changed. */
  | { readonly type: 'start' }
  /** The machine slept: incomplete sets get that much longer. */
  | { readonly type: 'suspended'; readonly lateMs: number }

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
 * Segments that were refused, and that there is room for now; or of which the history has forgotten the contents: they are
 * to be asked for.
 */
export interface LackingEvent extends SetName {
  readonly type: 'lacking'
  readonly messageIds: readonly string[]
}

/** Segments that were acknowledged, of a message that is lost: the acknowledgement is to be taken back. */
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

/** Options of {@link createReassemblyStage}. */
export interface ReassemblyStageOptions {
  /** `raw` takes every frame for a whole message. All else recognises the dialects by itself. @default 'current' */
  dialect?: SegmentDialect
  /** Longest content of one segment, in bytes. @limit A longer one is rejected (`oversized`). @default 153_600 */
  maxSegmentBytes?: number
  /**
   * How long an incomplete set waits for its next segment, in ms.
   * @limit The set is dropped (`expired`).
   * @default 300_000
   */
  timeoutMs?: number
  /** Incomplete sets. @limit The least recently continued one of the busiest sender is dropped. @default 100 */
  maxSets?: number
  /**
   * Content of incomplete sets, in bytes.
   * @limit The least recently continued set of the busiest sender is dropped.
   * @default 33_554_432
   */
  maxBufferedBytes?: number
  /**
   * Incomplete sets of one known sender.
   * @limit The least recently continued one of that sender is dropped.
   * @default 50
   */
  maxSetsPerSender?: number
  /**
   * Content of incomplete sets of one known sender, in bytes.
   * @limit The least recently continued set of that sender is dropped.
   * @default 29_360_128
   */
  maxBufferedBytesPerSender?: number
  /**
   * Complete messages remembered, so that what comes after completion delivers nothing again; but for those that came in one
   * segment with an id.
   * @limit The oldest is forgotten. Where frames tell where they stand (`lamport`), parity and late segments of its sender
   * that stand before the next message, and could make it once more, are refused (`completed`); else they do.
   * @default 1_000
   */
  maxCompleted?: number
  /**
   * Messages that SDS names as those before each; see {@link ParkedSegment}. Not more than the senders name.
   * @default 2
   */
  causalHistoryLength?: number
  /**
   * Segments of sets that were put aside, of which the ids are kept.
   * @limit The message that is least recently continued, of the sender who has most of them, is `lost`.
   * @default 16_384
   */
  maxShelvedSegments?: number
  /**
   * Length of all incomplete messages together, in bytes, that a history can hold: what finds no room in
   * `maxBufferedBytes` is put together from there.
   * @limit Segments of a further message are refused, where that is asked (`no-room`), until there is room; those of one
   * that is longer for good (`cache-full`). One sender has seven eighths of it, unless for a single message.
   * @default maxBufferedBytes
   */
  maxRecalledBytes?: number
  /**
   * Asked when a set has waited for `timeoutMs`: `true`, and it goes on waiting, because segments of it are parked, missing
   * or asked for. Those that were offered as parked need not be asked about. It must change nothing.
   */
  isAwaited?: (set: SetName) => boolean
  /** Computes the hash that names a payload. @default Keccak-256 of `@reliable-channels/keccak` */
  hasher?: HasherFactory
  /** Entries that a former stage stored, in any order. */
  restore?: Iterable<Entry>
  /**
   * The time, in ms, at which the stage is made: incomplete sets of `restore` wait from then on anew, because what was
   * sent to a process that did not run may still come. Without it the time between counts as waited.
   */
  restoredAt?: number
  /**
   * In [0, 1), made up anew each time: tells its entries in the store from those of another one that was opened on it at
   * once, so that neither writes over the other's.
   * @default none: entries are numbered from 0
   */
  writer?: number
  /** Told of each entry of `restore` that could not be read; it is ignored. */
  onCorrupt?: (key: string, reason: string) => void
  /** Whether steps carry changes. Without, nothing survives a restart and nothing is copied for it. @default true */
  persistent?: boolean
}

/** How full the stage is, and what it has turned away since it was made. */
export interface ReassemblyStats {
  readonly sets: number
  /** Message id of the first segment that came of the set which began first. */
  readonly begun: string | undefined
  readonly bufferedBytes: number
  /** Complete messages that are remembered. */
  readonly completed: number
  readonly parked: number
  /** Sets that were put aside. */
  readonly shelved: number
  /** Messages that wait for room. */
  readonly queued: number
  readonly rejected: Readonly<Record<SegmentRejectReason, number>>
  readonly dropped: Readonly<Record<SetDropReason, number>>
}
