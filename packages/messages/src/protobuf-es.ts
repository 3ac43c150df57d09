/**
 * Protocol Buffers messages of `@bufbuild/protobuf`.
 *
 * @packageDocumentation
 */
import { type DescMessage, type MessageShape, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Codec } from './codec.ts'

/**
 * Messages of a schema that `protoc-gen-es` has generated.
 *
 * @example
 * ```ts
 * import { ChatMessageSchema } from './chat_pb.js' // generated
 * const chat = typed(channel, protobufEsCodec(ChatMessageSchema))
 * chat.send(create(ChatMessageSchema, { text: 'hello' }))
 * ```
 */
export function protobufEsCodec<D extends DescMessage>(schema: D): Codec<MessageShape<D>> {
  return {
    encode: (message) => toBinary(schema, message),
    decode: (bytes) => fromBinary(schema, bytes),
  }
}
