/**
 * How a segment is written.
 *
 * - `current`: `SegmentMessage` of the reference implementation, with the payload's length;
 * - `lip-243`: `SegmentMessageProto` of the older text of LIP-243, without it;
 * - `raw`: no segmentation at all; the content is the payload.
 *
 * A receiver recognises the first two by themselves; `raw` must be agreed on.
 */
export type SegmentDialect = 'current' | 'lip-243' | 'raw'

/** The dialects that have a message of their own. */
export type WrittenDialect = Exclude<SegmentDialect, 'raw'>

/**
 * Segments, data and parity together, that one payload may have (LIP-243).
 * @limit A payload that needs more is refused (`ERR_PAYLOAD_TOO_LARGE`), and a segment of more is rejected
 * (`invalid`).
 */
export const MAX_SEGMENTS = 256

/** Bytes of the Keccak-256 hash that names a payload. */
export const HASH_BYTES = 32

/** Longest payload whose length the `current` dialect can write: it is a uint32. */
export const MAX_LENGTH_BYTES: number = 2 ** 32 - 1

/** Parity works on shards of a multiple of this length. */
export const SHARD_ALIGNMENT_BYTES = 64

/** Bytes of each segment that are left for its header, whatever the header takes. */
export const HEADER_ALLOWANCE_BYTES = 128

/** The shortest encoded segment that has room for 64 bytes of content. */
export const MIN_SEGMENT_SIZE_BYTES: number = HEADER_ALLOWANCE_BYTES + SHARD_ALIGNMENT_BYTES

/** The size that the reference implementation sends by default. */
export const DEFAULT_SEGMENT_SIZE_BYTES = 102_400
