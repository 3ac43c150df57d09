import { hexOf, unshared } from '@reliable-channels/wire'
import type { SegmentDialect } from './dialect.ts'
import { encodeSegment } from './encode-segment.ts'
import { type HasherFactory, defaultHasher } from './hasher.ts'
import { chunkParity } from './parity.ts'
import {
  type Layout,
  type PlanOptions,
  type SegmentCounts,
  check,
  countSegments,
  createLayout,
} from './plan.ts'
import type { Segment, SegmentFrame } from './segment.ts'

/** Options of {@link createSegmenter} and {@link segmentPayload}. */
export interface SegmenterOptions extends PlanOptions {
  /** Computes the hash that names a payload. @default Keccak-256 of `@reliable-channels/keccak` */
  hasher?: HasherFactory
}

/** Splits payloads by one set of options. */
export interface Segmenter {
  readonly dialect: SegmentDialect
  readonly segmentSizeBytes: number
  readonly maxPayloadBytes: number
  /**
   * Into how many segments a payload of this length falls.
   *
   * @throws `PayloadTooLargeError`
   */
  count(payloadBytes: number): SegmentCounts
  /**
   * Splits one payload piece by piece: data segments by index, then parity segments by index.
   * An `undefined` among them says that about a megabyte has been hashed since the last: a good place to
   * let others work. The payload must not change until the last segment was taken.
   *
   * @throws `PayloadTooLargeError`, or `SegmentationOptionError` if it is no payload; at once
   */
  split(payload: Uint8Array): Generator<SegmentFrame | undefined, void>
}

/** Work between two pauses, as bytes hashed. */
const PAUSE_BYTES = 2 ** 20

/** Copying and parity are about this many times faster than hashing. */
const COPY_ADVANTAGE = 8

/**
 * Makes a segmenter.
 *
 * @throws `SegmentationOptionError`
 */
export function createSegmenter(options: SegmenterOptions = {}): Segmenter {
  const layout = createLayout(options)
  const { hasher = defaultHasher } = options
  check.function('hasher', hasher)
  return {
    dialect: layout.dialect,
    segmentSizeBytes: layout.segmentSizeBytes,
    maxPayloadBytes: layout.maxPayloadBytes,
    count(payloadBytes) {
      check.integer('payloadBytes', payloadBytes, 0)
      return countSegments(payloadBytes, layout)
    },
    split(payload) {
      check.bytes('payload', payload)
      const counts = countSegments(payload.length, layout)
      return layout.dialect === 'raw' ? whole(payload) : pieces(payload, layout, counts, hasher)
    },
  }
}

/**
 * Splits one payload at once (LIP-243).
 *
 * @returns its data segments by index, then its parity segments by index, each a new array
 * (with `raw`, the payload itself)
 * @throws `SegmentationOptionError`, `PayloadTooLargeError`
 *
 * @example
 * ```ts
 * for (const { payload } of segmentPayload(picture, { parityRate: 0.125 })) socket.send(payload)
 * ```
 */
export function segmentPayload(payload: Uint8Array, options: SegmenterOptions = {}): SegmentFrame[] {
  const segments: SegmentFrame[] = []
  for (const segment of createSegmenter(options).split(payload)) {
    if (segment !== undefined) segments.push(segment)
  }
  return segments
}

function* whole(payload: Uint8Array): Generator<SegmentFrame, void> {
  yield {
    payload: unshared(payload),
    segment: { index: 0, dataCount: 1, parityCount: 0, isParity: false, payloadHash: '' },
  }
}

function* pieces(
  payload: Uint8Array,
  layout: Layout,
  counts: SegmentCounts,
  newHasher: HasherFactory,
): Generator<SegmentFrame | undefined, void> {
  const { chunkBytes } = layout
  const hasher = newHasher()
  for (let at = 0; at < payload.length; at += PAUSE_BYTES) {
    if (at > 0) yield undefined
    hasher.update(payload.subarray(at, at + PAUSE_BYTES))
  }
  const hash = hasher.digest()
  const payloadHash = hexOf(hash)

  const frame = (index: number, isParity: boolean, content: Uint8Array): SegmentFrame => {
    const segment: Segment = {
      dialect: layout.dialect === 'lip-243' ? 'lip-243' : 'current',
      hash,
      lengthBytes: payload.length,
      index,
      isParity,
      content,
      ...counts,
    }
    return { payload: encodeSegment(segment), segment: { index, isParity, payloadHash, ...counts } }
  }

  let work = Math.min(payload.length, PAUSE_BYTES)
  for (let index = 0; index < counts.dataCount; index++) {
    work += chunkBytes / COPY_ADVANTAGE
    if (work > PAUSE_BYTES) {
      work = 0
      yield undefined
    }
    yield frame(index, false, payload.subarray(index * chunkBytes, (index + 1) * chunkBytes))
  }
  if (counts.parityCount === 0) return
  if (payload.length > PAUSE_BYTES) yield undefined
  const parity = yield* chunkParity(payload, chunkBytes, counts, PAUSE_BYTES * COPY_ADVANTAGE)
  for (let index = 0; index < counts.parityCount; index++) yield frame(index, true, parity[index]!)
}
