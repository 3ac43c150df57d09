export {
  DEFAULT_SEGMENT_SIZE_BYTES,
  HEADER_ALLOWANCE_BYTES,
  HASH_BYTES,
  MAX_SEGMENTS,
  MIN_SEGMENT_SIZE_BYTES,
  type SegmentDialect,
  type WrittenDialect,
} from './core/dialect.ts'
export { decodeSegment } from './core/decode-segment.ts'
export { encodeSegment } from './core/encode-segment.ts'
export type { HasherFactory } from './core/hasher.ts'
export {
  PayloadTooLargeError,
  type PlanOptions,
  type SegmentCounts,
  SegmentationOptionError,
  maxPayloadBytes,
} from './core/plan.ts'
export { reassemblyLimits } from './core/reassembly-limits.ts'
export { type ReassemblyStage, createReassemblyStage, type ReassemblyStats } from './core/reassembly-stage.ts'
export type { ParkedSegment, ReadmittedSegments, ReassemblyInput } from './core/reassembly-input.ts'
export type { ReassemblyFrame, MessageFrame, MessageInfo } from './core/reassembly-frame.ts'
export type {
  ReassemblyOutput,
  SetDropReason,
  DroppedEvent,
  LostEvent,
  LostReason,
  ProgressEvent,
  ReassemblyEvent,
  RebuiltEvent,
  SegmentRejectReason,
  RejectedEvent,
  SetName,
  SetProgress,
  ShelveReason,
  LackingEvent,
  QueuedEvent,
  DisownedEvent,
  ShelvedEvent,
  WaivedMessage,
  WantedEvent,
} from './core/reassembly-output.ts'
export type { ReassemblyStageOptions } from './core/reassembly-options.ts'
export type { Segment, SegmentFrame, SegmentInfo } from './core/segment.ts'
export { type Segmenter, type SegmenterOptions, createSegmenter, segmentPayload } from './core/segmenter.ts'
export { validateSegment } from './core/validate-segment.ts'
export { type RebuiltMessage, waivableMessages } from './core/waive.ts'
