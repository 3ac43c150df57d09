import { type Checks, createChecks } from '@reliable-channels/options'
import { SEGMENTER_NAMES } from './option-names.ts'
import {
  DEFAULT_SEGMENT_SIZE_BYTES,
  HEADER_ALLOWANCE_BYTES,
  MAX_LENGTH_BYTES,
  MAX_SEGMENTS,
  MIN_SEGMENT_SIZE_BYTES,
  SHARD_ALIGNMENT_BYTES,
  type SegmentDialect,
} from './dialect.ts'

/** Options that decide into which segments a payload falls. */
export interface PlanOptions {
  /** How segments are written. @default 'current' */
  dialect?: SegmentDialect
  /**
   * Longest encoded segment in bytes, at least 192 (1 with `raw`). What SDS, a cipher and the transport add comes on
   * top.
   * @limit A longer payload is split into several, 256 at most with parity; a longer one is rejected
   * (`ERR_PAYLOAD_TOO_LARGE`).
   * @default 102_400
   */
  segmentSizeBytes?: number
  /**
   * Parity segments per data segment, 0 to 1, in millionths; their number is rounded up, so that any rate from there on
   * makes at least one.
   * `raw` has none.
   * @default 0
   */
  parityRate?: number
}

/** The checked options, and what follows from them for every payload. */
export interface Layout {
  readonly dialect: SegmentDialect
  readonly segmentSizeBytes: number
  /** {@link PlanOptions.parityRate} in millionths, so that counting stays in integers. */
  readonly parityMillionths: number
  /** Content of each segment but the last. */
  readonly chunkBytes: number
  readonly maxPayloadBytes: number
}

/** Into how many segments one payload falls. */
export interface SegmentCounts {
  readonly dataCount: number
  readonly parityCount: number
}

/** An option of segmentation or reassembly is out of range. */
export class SegmentationOptionError extends RangeError {
  override readonly name = 'SegmentationOptionError'
  readonly code = 'ERR_SEGMENTATION_OPTION'
}

/** Checks of arguments, which throw a {@link SegmentationOptionError}. */
export const check: Checks = createChecks((message) => new SegmentationOptionError(message))

/** @throws {@link SegmentationOptionError} */
export function checkDialect(dialect: SegmentDialect): void {
  check.oneOf('dialect', dialect, ['current', 'lip-243', 'raw'])
}

/** A payload that does not fit in {@link MAX_SEGMENTS} segments of the chosen size. Nothing was sent. */
export class PayloadTooLargeError extends RangeError {
  override readonly name = 'PayloadTooLargeError'
  readonly code = 'ERR_PAYLOAD_TOO_LARGE'
  /** Length of the refused payload. */
  readonly payloadBytes: number
  /** The largest payload that this segment size and parity rate allow. */
  readonly maxPayloadBytes: number
  /** The smallest segment size that would do, or `undefined` when none would. */
  readonly neededSegmentSizeBytes: number | undefined

  constructor(payloadBytes: number, layout: Layout) {
    const needed = neededSegmentSizeBytes(payloadBytes, layout)
    const remedy =
      needed === undefined ? 'split it' : `use segmentSizeBytes of at least ${needed}, or split it`
    super(
      `payload expected at most ${layout.maxPayloadBytes} bytes ` +
        `(segmentSizeBytes ${layout.segmentSizeBytes}, parityRate ${layout.parityMillionths / 1e6}), ` +
        `got ${payloadBytes}; ${remedy}`,
    )
    this.payloadBytes = payloadBytes
    this.maxPayloadBytes = layout.maxPayloadBytes
    this.neededSegmentSizeBytes = needed
  }
}

/**
 * Checks the options.
 *
 * @throws {@link SegmentationOptionError}
 */
export function createLayout(options: PlanOptions = {}): Layout {
  check.object('options', options)
  check.names(options, SEGMENTER_NAMES)
  const { dialect = 'current', segmentSizeBytes = DEFAULT_SEGMENT_SIZE_BYTES, parityRate = 0 } = options
  checkDialect(dialect)
  check.number('parityRate', parityRate, 0, 1)
  const least = dialect === 'raw' ? 1 : MIN_SEGMENT_SIZE_BYTES
  check.integer('segmentSizeBytes', segmentSizeBytes, least, MAX_LENGTH_BYTES)
  const parityMillionths = dialect === 'raw' ? 0 : Math.round(parityRate * 1e6)
  const chunkBytes = dialect === 'raw' ? segmentSizeBytes : chunkSize(segmentSizeBytes)
  const mostData = dialect === 'raw' ? 1 : mostDataSegments(parityMillionths)
  const maxPayloadBytes = Math.min(chunkBytes * mostData, MAX_LENGTH_BYTES)
  return { dialect, segmentSizeBytes, parityMillionths, chunkBytes, maxPayloadBytes }
}

/**
 * The largest payload that fits in 256 segments.
 *
 * @throws {@link SegmentationOptionError}
 *
 * @example
 * ```ts
 * maxPayloadBytes({ segmentSizeBytes: 102_400 }) // 26_181_632
 * ```
 */
export function maxPayloadBytes(options: PlanOptions = {}): number {
  return createLayout(options).maxPayloadBytes
}

/**
 * Into how many segments a payload of this length falls.
 *
 * @throws {@link PayloadTooLargeError}
 */
export function countSegments(payloadBytes: number, layout: Layout): SegmentCounts {
  if (payloadBytes > layout.maxPayloadBytes) throw new PayloadTooLargeError(payloadBytes, layout)
  // An empty payload is one segment without content.
  const dataCount = Math.max(1, Math.ceil(payloadBytes / layout.chunkBytes))
  return { dataCount, parityCount: parityOf(dataCount, layout.parityMillionths) }
}

function chunkSize(segmentSizeBytes: number): number {
  const room = segmentSizeBytes - HEADER_ALLOWANCE_BYTES
  return room - (room % SHARD_ALIGNMENT_BYTES)
}

function parityOf(dataCount: number, parityMillionths: number): number {
  return Math.min(dataCount, Math.floor((dataCount * parityMillionths + 999_999) / 1e6))
}

function mostDataSegments(parityMillionths: number): number {
  let dataCount = MAX_SEGMENTS
  while (dataCount + parityOf(dataCount, parityMillionths) > MAX_SEGMENTS) dataCount--
  return dataCount
}

function neededSegmentSizeBytes(payloadBytes: number, layout: Layout): number | undefined {
  if (payloadBytes > MAX_LENGTH_BYTES) return undefined
  if (layout.dialect === 'raw') return payloadBytes
  const chunk = Math.ceil(payloadBytes / mostDataSegments(layout.parityMillionths))
  return Math.ceil(chunk / SHARD_ALIGNMENT_BYTES) * SHARD_ALIGNMENT_BYTES + HEADER_ALLOWANCE_BYTES
}
