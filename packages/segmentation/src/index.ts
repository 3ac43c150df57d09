/**
 * Splits payloads into segments with optional parity, and puts them together again (LIP-243).
 *
 * @packageDocumentation
 */
export { type SegmentOptions, SegmentQueueFullError, segment } from './segment.ts'
export { type SegmentAllOptions, segmentAll } from './segment-all.ts'
export { type ReassembleOptions, reassemble } from './reassemble.ts'
export { type Reassembler, type ReassemblerOptions, createReassembler } from './reassembler.ts'
export type { SegmentDialect } from './core/dialect.ts'
export type { HasherFactory } from './core/hasher.ts'
export {
  PayloadTooLargeError,
  type PlanOptions,
  type SegmentCounts,
  SegmentationOptionError,
  maxPayloadBytes,
} from './core/plan.ts'
export type { ParkedSegment, ReadmittedSegments } from './core/reassembly-input.ts'
export type { ReassemblyFrame, MessageFrame, MessageInfo } from './core/reassembly-frame.ts'
export type { ReassemblyStats } from './core/reassembly-stage.ts'
export type {
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
export type { SegmentFrame, SegmentInfo } from './core/segment.ts'
export type { SegmenterOptions } from './core/segmenter.ts'
