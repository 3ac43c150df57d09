/**
 * SDS as codecs, arithmetic and a pure state machine.
 *
 * @packageDocumentation
 */
export {
  type BloomBits,
  type BloomParameters,
  bloomBytes,
  bloomHas,
  bloomParameters,
  modulo,
  setBits,
  testBits,
} from './core/filter/bloom.ts'
export {
  type FilterLimits,
  type NimFilter,
  decodeNimFilter,
  encodeNimFilter,
  openFilter,
} from './core/filter/bloom-codec.ts'
export {
  type DecodeLimits,
  type Decoded,
  decodeMessage,
  dialectOf,
  encodeMessage,
} from './core/wire/codec.ts'
export type {
  AcknowledgedVia,
  ContentOf,
  RejectReason,
  SdsEvent,
  SdsHealth,
  SyncReason,
} from './core/event.ts'
export { farmHash, farmPair } from './core/filter/farm-hash.ts'
export type {
  DispatchOutcome,
  FollowedMessage,
  WantedMessage,
  FrameKind,
  FrameToEncode,
  ParkedMessage,
  SdsInput,
  SdsOutput,
  TrafficFrame,
  Urgency,
  WaivedId,
} from './core/input.ts'
export type { Lamport } from './core/wire/lamport.ts'
export { msOfLamport } from './core/wire/lamport-ms.ts'
export { decodeLip, encodeLip } from './core/wire/lip-codec.ts'
export { type Nanoseconds, messageIdOf, nextNanoseconds } from './core/wire/message-id.ts'
export {
  type Dialect,
  type HistoryEntry,
  type MessageKind,
  type SdsMessage,
  kindOf,
} from './core/wire/message.ts'
export { murmurPair } from './core/filter/murmur3.ts'
export { decodeNim, encodeNim } from './core/wire/nim-codec.ts'
export { SdsOptionError } from './core/check-settings.ts'
export type { OfferedContent, ContentRefusal, SdsOptions } from './core/options.ts'
export type { Settings } from './core/settings.ts'
export type { LimitOptions } from './core/limit-options.ts'
export type { RepairOptions } from './core/repair-options.ts'
export type { Losses } from './core/parts/arrivals.ts'
export { overheadBytes } from './core/overhead-bytes.ts'
export { settingsOf } from './core/defaults.ts'
export {
  type RepairTimes,
  inResponseGroup,
  requestDelayMs,
  responseDelayMs,
} from './core/parts/repair-hash.ts'
export { RollingFilter } from './core/filter/rolling-filter.ts'
export type { SdsRecords } from './core/sds-records.ts'
export { type OutgoingUsage, type SdsStage, createSdsStage } from './core/stage.ts'
export { MalformedMessage } from './core/wire/malformed-message.ts'
