import type { Codec } from './codec.ts'

/** A type as protons, ts-proto or protobufjs generates it. */
export interface GeneratedType<In, Out = In> {
  encode(value: In): Uint8Array | { finish(): Uint8Array }
  decode(bytes: Uint8Array): Out
}

/**
 * Protocol Buffers messages of a type that protons, ts-proto or protobufjs (`Root.lookupType`, `pbjs`) has generated. For
 * types of `@bufbuild/protobuf` see `protobufEsCodec` of `@reliable-channels/messages/protobuf-es`.
 *
 * @example
 * ```ts
 * import { ChatMessage } from './chat.js' // generated
 * const chat = typed(channel, protobufCodec(ChatMessage))
 * ```
 */
export function protobufCodec<In, Out = In>(type: GeneratedType<In, Out>): Codec<In, Out> {
  return {
    encode(value) {
      const written = type.encode(value)
      return 'finish' in written ? written.finish() : written
    },
    decode: (bytes) => type.decode(bytes),
  }
}
