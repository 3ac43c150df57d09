/**
 * What chats need on top of a reliable channel: typed messages with time and id.
 *
 * @packageDocumentation
 */
export { type Codec, InvalidValueError, type ValueIssue } from './codec.ts'
export { jsonCodec } from './json-codec.ts'
export { type GeneratedType, protobufCodec } from './protobuf-codec.ts'
export type { InputOf, OutputOf, StandardSchema } from './standard-schema.ts'
export {
  type TypedChannel,
  type TypedChannelBase,
  type TypedMessage,
  type TypedOptions,
  type TypedSendHandle,
  type UndecodableMessage,
  typed,
} from './typed.ts'
