import type { WrittenDialect } from './dialect.ts'

/** One segment as it travels (LIP-243). */
export interface Segment {
  readonly dialect: WrittenDialect
  /** Keccak-256 of the whole payload, 32 bytes. */
  readonly hash: Uint8Array
  /** Length of the whole payload; `undefined` in `lip-243`, which does not write it. */
  readonly lengthBytes: number | undefined
  /** Place among the segments of its own kind, from 0. */
  readonly index: number
  readonly dataCount: number
  readonly parityCount: number
  readonly isParity: boolean
  /** Its part of the payload, or of the parity. */
  readonly content: Uint8Array
}

/** Facts of a segment for the rest of a pipeline. */
export interface SegmentInfo {
  /** Place among the segments of its own kind, from 0. */
  readonly index: number
  readonly dataCount: number
  readonly parityCount: number
  readonly isParity: boolean
  /** Keccak-256 of the whole payload in hex; empty with the `raw` dialect. */
  readonly payloadHash: string
}

/** A frame whose `payload` is one encoded segment. */
export interface SegmentFrame {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly segment: SegmentInfo
}

/** Place of a segment in the order in which its message's segments were sent: data first, then parity. */
export function wireIndexOf(segment: Pick<Segment, 'index' | 'dataCount' | 'isParity'>): number {
  return segment.isParity ? segment.dataCount + segment.index : segment.index
}
