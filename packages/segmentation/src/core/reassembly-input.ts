import type { Uint64 } from '@reliable-channels/wire'
import type { ReassemblyFrame } from './reassembly-frame.ts'
import type { SetName } from './reassembly-output.ts'

/** A segment that SDS holds back because something it depends on is missing. */
export interface ParkedSegment {
  readonly messageId: string
  readonly senderId: string
  /** See {@link ReassemblyFrame.lamport}. */
  readonly lamport?: Uint64 | undefined
  /** The encoded segment; not copied, and must not change. */
  readonly content: Uint8Array
  /** Ids that it waits for. */
  readonly missing: readonly string[]
  /** The entries of its causal history that name its own sender, oldest first. */
  readonly sameSenderHistory: readonly { readonly messageId: string }[]
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
