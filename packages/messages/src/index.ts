/**
 * What chats need on top of a reliable channel: typed messages with time and id.
 *
 * @packageDocumentation
 */
export { type Codec, InvalidValueError, type ValueIssue } from './codec.ts'
export { type IterateOptions, type MessageSource, SlowReaderError, iterate } from './iterate.ts'
export { jsonCodec } from './json-codec.ts'
export { type GeneratedType, protobufCodec } from './protobuf-codec.ts'
export { type ReadReceipts, type ReadReceiptsOptions, readReceipts } from './read-receipts.ts'
export type { InputOf, OutputOf, StandardSchema } from './standard-schema.ts'
export { type WritableOptions, readable, writable } from './streams.ts'
export {
  type CarriedLetter,
  type LetterCarrier,
  type LetterRider,
  type TypedChannel,
  type TypedHistoryMessage,
  type TypedHistoryPage,
  type TypedMessage,
  type TypedOptions,
  type TypedSendHandle,
  type UndecodableMessage,
  typed,
} from './typed.ts'
