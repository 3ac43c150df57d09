/**
 * Scalable Data Sync (LIP-109): causal order, acknowledgement, retransmission and repair for a group of peers.
 *
 * @packageDocumentation
 */
export type {
  AcknowledgedVia,
  ContentOf,
  RejectReason,
  SdsEvent,
  SdsHealth,
  SyncReason,
} from './core/event.ts'
export type {
  DispatchOutcome,
  FrameKind,
  FrameToEncode,
  ParkedMessage,
  TrafficFrame,
  FollowedMessage,
  WantedMessage,
  Urgency,
  WaivedId,
} from './core/input.ts'
export type { Dialect, HistoryEntry } from './core/wire/message.ts'
export { SdsOptionError } from './core/check-settings.ts'
export type { Losses } from './core/parts/arrivals.ts'
export type { OfferedContent, ContentRefusal } from './core/options.ts'
export type { LimitOptions } from './core/limit-options.ts'
export type { RepairOptions } from './core/repair-options.ts'
export type { MemberHeard, LogMessage, OutgoingUsage } from './core/stage.ts'
export type { Participant, ParticipantOptions } from './participant.ts'
export { createParticipant } from './create-participant.ts'
export type { DeliveredFrame, EncodedFrame, WrapRequest, WrappedFrame } from './ports.ts'
